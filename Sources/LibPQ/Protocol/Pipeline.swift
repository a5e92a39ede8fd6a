import DequeModule

/// The operations in flight on one connection, and what each message from the server means for them.
///
/// Each operation is one or more `[Parse] Bind Execute` and a `Sync`: a transaction of its own whose end is its own
/// synchronisation point. So results arrive in the order of sending, and whatever comes before a synchronisation point belongs
/// to the oldest operation.
struct Pipeline<Payload: Sendable, Rows> {
    struct Entry {
        let operation: Operation<Payload>
        let statementNames: [String]
        /// Each command of the operation in turn: the name that it prepares, or `nil` where it executes.
        let prepares: [String?]
        fileprivate(set) var rows: Rows?
        fileprivate(set) var error: PostgresServerError?
        fileprivate var resultsSeen = 0
    }

    enum Outcome {
        case succeeded(Operation<Payload>, Rows)
        case failed(Operation<Payload>, PostgresServerError)
        /// Refused unexecuted for a reason that another connection may not have.
        case misplaced(Operation<Payload>, PostgresServerError)
        /// The server answered, but not with a result.
        case lost(Operation<Payload>)
    }

    private var entries: Deque<Entry> = []
    private var prepared: Set<String> = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// - Returns: for each statement of the operation whether it must be prepared on this connection first.
    mutating func send(_ operation: Operation<Payload>, statementNames: [String]) -> [Bool] {
        let isNew = statementNames.map { prepared.insert($0).inserted }
        let commands = zip(statementNames, isNew).flatMap { name, isNew in isNew ? [name, nil] : [nil] }
        entries.append(Entry(operation: operation, statementNames: statementNames, prepares: commands))
        return isNew
    }

    /// A successful result; that of the last command of the operation counts.
    mutating func received(_ rows: Rows) {
        guard !entries.isEmpty else { return }
        entries[0].resultsSeen += 1
        entries[0].rows = rows
    }

    mutating func received(_ error: PostgresServerError) {
        guard !entries.isEmpty else { return }
        entries[0].error = entries[0].error ?? error
    }

    /// The synchronisation point of the oldest operation: its transaction is over.
    mutating func synchronised() -> Outcome? {
        guard let entry = entries.popFirst() else { return nil }
        let operation = entry.operation
        guard let error = entry.error else { return entry.rows.map { .succeeded(operation, $0) } ?? .lost(operation) }
        // What came after the failed command was skipped, so nothing was prepared there.
        prepared.subtract(entry.prepares.dropFirst(entry.resultsSeen).compactMap(\.self))
        if error.sqlState == "26000" { prepared.subtract(entry.statementNames) }
        return error.asksForNewConnection ? .misplaced(operation, error) : .failed(operation, error)
    }

    /// The moment at which the oldest operation, and so the connection, is taken for stuck.
    var headDeadline: ContinuousClock.Instant? { entries.first?.operation.deadline }

    /// Those behind the oldest whose own deadline has passed; they stay in the pipeline, since their answers still come.
    func overdue(at now: ContinuousClock.Instant) -> [Operation<Payload>] {
        entries.map(\.operation).filter { $0.deadline <= now }
    }

    var nearestDeadline: ContinuousClock.Instant? { entries.lazy.map(\.operation.deadline).min() }

    /// The connection is lost: none of these will be answered.
    mutating func lose() -> [Operation<Payload>] {
        defer { entries.removeAll() }
        return entries.map(\.operation)
    }
}
