/// What a look-up found: for each key, in the order of the keys, its row, or `nil`.
public struct PostgresMatches: Sendable, RandomAccessCollection {
    private let reply: Call.Reply

    init(_ reply: Call.Reply) {
        self.reply = reply
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { reply.rowOfKey.count }

    /// The row's first column is the number of its key and of no further interest.
    public subscript(_ index: Int) -> PostgresRow? {
        let row = reply.rowOfKey[reply.rowOfKey.startIndex + index]
        return row < 0 ? nil : PostgresRow(result: reply.result, index: Int(row))
    }
}

extension LibpqResult {
    /// The row of each key of a look-up, -1 where it has none; `nil` where the first column does not number keys.
    func rowOfKey(count: Int) -> [Int32]? {
        var rowOfKey = [Int32](repeating: -1, count: count)
        guard columnCount > 0, columnType(0) == PostgresType.int8.oid else { return nil }
        for row in 0..<rowCount {
            guard let key = try? PostgresRow(result: self, index: row).int8(0), (1...Int64(count)).contains(key) else { return nil }
            rowOfKey[Int(key) - 1] = Int32(row)
        }
        return rowOfKey
    }
}
