/// What a shared execution returned: for each item, in the order of the items, its row, or `nil`.
public struct PostgresMatches: Sendable, RandomAccessCollection {
    private let reply: Call.Reply

    init(_ reply: Call.Reply) {
        self.reply = reply
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { reply.rowOfItem.count }

    /// The row's first column is the number of its item and of no further interest.
    public subscript(_ index: Int) -> PostgresRow? {
        let row = reply.rowOfItem[reply.rowOfItem.startIndex + index]
        return row < 0 ? nil : PostgresRow(result: reply.result, index: Int(row))
    }
}

extension LibpqResult {
    /// The row of each item, -1 where it has none; `nil` where the first column does not number items.
    func rowOfItem(count: Int) -> [Int32]? {
        var rowOfItem = [Int32](repeating: -1, count: count)
        guard columnCount > 0, columnType(0) == PostgresType.int8.oid else { return nil }
        for row in 0..<rowCount {
            let number = try? PostgresRow(result: self, index: row).int8(.number(0))
            guard let item = number, (1...Int64(count)).contains(item) else { return nil }
            rowOfItem[Int(item) - 1] = Int32(row)
        }
        return rowOfItem
    }
}
