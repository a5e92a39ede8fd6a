import DequeModule

/// The operations in flight on one connection, and what each message from the server means for them.
///
/// Each operation, or those that share one execution, is the `Parse` of what is new, then one or more `Bind Execute`, and a `Sync`: a
/// transaction of its own whose end is its own synchronisation point. So results arrive in the order of sending, and whatever comes before a
/// synchronisation point belongs to the oldest entry.
struct Pipeline<Payload: Sendable, Rows> {
    /// What is done with the statement of this index.
    enum Command: Equatable {
        case prepare(Int)
        case execute(Int)
    }

    struct Entry {
        let operations: [Operation<Payload>]
        let statementNames: [String]
        let commands: [Command]
        /// How many of the first commands belong to ``BackendCheck``.
        let checkCommands: Int
        fileprivate(set) var rows: Rows?
        fileprivate(set) var error: PostgresServerError?
        fileprivate var resultsSeen = 0

        fileprivate func namesPrepared(after count: Int) -> [String] {
            commands.dropFirst(count).compactMap { if case .prepare(let index) = $0 { statementNames[index] } else { nil } }
        }
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
    /// - Returns: what is to be sent, in this order. All is prepared before anything is executed: PostgreSQL skips what comes after a
    ///   failed execution, and operations that are sent meanwhile count on what this one prepares. Only the check comes before that.
    mutating func send(_ operations: [Operation<Payload>], statementNames: [String], beginsWithCheck: Bool = false) -> [Command] {
        let all = Array(statementNames.indices)
        let new = all.filter { prepared.insert(statementNames[$0]).inserted }
        let first = beginsWithCheck ? 1 : 0
        let check = Self.commands(preparing: new.filter { $0 < first }, executing: all.prefix(first))
        let commands = check + Self.commands(preparing: new.filter { $0 >= first }, executing: all.dropFirst(first))
        entries.append(
            Entry(operations: operations, statementNames: statementNames, commands: commands, checkCommands: check.count))
        return commands
    }

    private static func commands(preparing new: [Int], executing all: ArraySlice<Int>) -> [Command] {
        new.map(Command.prepare) + all.map(Command.execute)
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
        if !poolerKeepsNames { prepared.subtract(entry.namesPrepared(after: entry.resultsSeen)) }
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
