import DequeModule

/// The operations in flight on one connection, and what each message from the server means for them.
///
/// Each operation, or those that share one execution, is one or more `[Parse] Bind Execute` and a `Sync`: a transaction of
/// its own whose end is its own synchronisation point. So results arrive in the order of sending, and whatever comes before a
/// synchronisation point belongs to the oldest entry.
struct Pipeline<Payload: Sendable, Rows> {
    struct Entry {
        let operations: [Operation<Payload>]
        let statementNames: [String]
        /// Each command of the operation in turn: the name that it prepares, or `nil` where it executes.
        let prepares: [String?]
        /// How many of the first commands belong to ``BackendCheck``.
        let checkCommands: Int
        fileprivate(set) var rows: Rows?
        fileprivate(set) var error: PostgresServerError?
        fileprivate var resultsSeen = 0
    }

    enum Outcome {
        case succeeded([Operation<Payload>], Rows)
        case failed([Operation<Payload>], PostgresServerError)
        /// Refused unexecuted for a reason that another connection may not have.
        case misplaced([Operation<Payload>], PostgresServerError)
        /// The process behind a pooler did not pass the check, and the rest was not executed.
        case unfit([Operation<Payload>], PostgresServerError)
        /// The server answered, but not with a result.
        case lost([Operation<Payload>])

        var operations: [Operation<Payload>] {
            switch self {
            case .succeeded(let operations, _), .failed(let operations, _), .misplaced(let operations, _), .unfit(let operations, _),
                .lost(let operations):
                operations
            }
        }
    }

    private var entries: Deque<Entry> = []
    private var prepared: Set<String> = []
    /// See ``BackendCheck/poolerKeepsNames``.
    private let poolerKeepsNames: Bool

    init(poolerKeepsNames: Bool = false) { self.poolerKeepsNames = poolerKeepsNames }

    var isEmpty: Bool { entries.isEmpty }
    /// Operations in flight.
    var count: Int { entries.reduce(0) { $0 + $1.operations.count } }

    /// - Parameters:
    ///   - operations: one, or several that share an execution.
    ///   - beginsWithCheck: whether the first statement is the one of ``BackendCheck``.
    /// - Returns: for each statement whether it must be prepared on this connection first.
    mutating func send(_ operations: [Operation<Payload>], statementNames: [String], beginsWithCheck: Bool = false) -> [Bool] {
        let isNew = statementNames.map { prepared.insert($0).inserted }
        let commands = zip(statementNames, isNew).flatMap { name, isNew in isNew ? [name, nil] : [nil] }
        let checkCommands = beginsWithCheck ? (isNew[0] ? 2 : 1) : 0
        entries.append(
            Entry(operations: operations, statementNames: statementNames, prepares: commands, checkCommands: checkCommands))
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
        let operations = entry.operations
        guard let error = entry.error else { return entry.rows.map { .succeeded(operations, $0) } ?? .lost(operations) }
        // What came after the failed command was skipped, so nothing was prepared there.
        if !poolerKeepsNames { prepared.subtract(entry.prepares.dropFirst(entry.resultsSeen).compactMap(\.self)) }
        if entry.resultsSeen < entry.checkCommands { return .unfit(operations, error) }
        if error.sqlState == "26000" { prepared.subtract(entry.statementNames) }
        return error.asksForNewConnection ? .misplaced(operations, error) : .failed(operations, error)
    }

    /// The moment from which no caller waits for the oldest entry any more. Then the connection counts as stuck.
    var headDeadline: ContinuousClock.Instant? { entries.first?.operations.lazy.map { $0.deadline }.max() }

    /// Those whose own deadline has passed; they stay in the pipeline, since their answers still come.
    func overdue(at now: ContinuousClock.Instant) -> [Operation<Payload>] {
        entries.flatMap { $0.operations.filter { $0.deadline <= now } }
    }

    /// The next deadline to come, or the first of those that have passed where none is to come.
    func nextDeadline(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let all = entries.lazy.flatMap { $0.operations.lazy.map { $0.deadline } }
        return all.filter { $0 > now }.min() ?? all.min()
    }

    /// The connection is lost: none of these will be answered.
    mutating func lose() -> [Operation<Payload>] {
        defer { entries.removeAll() }
        return entries.flatMap(\.operations)
    }
}
