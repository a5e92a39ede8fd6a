import NIOConcurrencyHelpers

/// The PostgreSQL processes that serve this program's connections through a pooler of sessions.
///
/// If two connections have one process at the same time, the pooler pools transactions. Then a connection does not find its own prepared
/// statements, or finds those of another connection. Then no such connection is used for some time. A pooler that tracks prepared
/// statements may share processes in this way, so its processes are not listed here: see ``Pooling``.
///
/// A pooler of sessions can look the same for a moment: it gives a process to another connection before this program has noticed the
/// end of the first. So the program tries again after a pause. If it finds the same again soon, the next pause is twice as long.
final class PooledProcesses: Sendable {
    struct Process: Hashable, Sendable {
        /// Processes of other servers may have the same number.
        let number: Int32
        /// When its server started, in PostgreSQL's words; `nil` if the server does not tell.
        let serverStart: String?
    }

    static let shortestPause: Duration = .seconds(15)
    static let longestPause: Duration = .seconds(15 * 60)

    private struct State {
        var held: Set<Process> = []
        /// No pooled connection is used until then.
        var pausedUntil: ContinuousClock.Instant?
        var pause = PooledProcesses.shortestPause

        func pauses(at now: ContinuousClock.Instant) -> Bool { pausedUntil.map { now < $0 } ?? false }

        mutating func beginPause(at now: ContinuousClock.Instant) {
            let isInSuccession = pausedUntil.map { now - $0 < PooledProcesses.longestPause } ?? false
            pause = isInSuccession ? min(pause * 2, PooledProcesses.longestPause) : PooledProcesses.shortestPause
            pausedUntil = now + pause
        }
    }

    private let state = NIOLockedValueBox(State())
    private let shared: @Sendable () -> Void

    /// - Parameter shared: called at the beginning of each pause, when all existing connections must be given up.
    init(shared: @escaping @Sendable () -> Void) { self.shared = shared }

    /// - Throws: ``PostgresError/unsuitable(_:)`` if another connection has the process, and during the pause after that.
    func hold(_ process: Process, at now: ContinuousClock.Instant = .now) throws(PostgresError) {
        // In one step, because a caller that is refused must not hold the process.
        let (isPaused, isNews) = state.withLockedValue { state in
            if state.pauses(at: now) { return (true, false) }
            if state.held.insert(process).inserted { return (false, false) }
            state.beginPause(at: now)
            return (true, true)
        }
        if isNews { shared() }
        if isPaused { throw .unsuitable(Self.reason) }
    }

    /// Begins a pause, because one process serves several connections.
    func foundShared(at now: ContinuousClock.Instant = .now) {
        let isNews = state.withLockedValue { state in
            guard !state.pauses(at: now) else { return false }
            state.beginPause(at: now)
            return true
        }
        if isNews { shared() }
    }

    /// Why connections are given up and refused during a pause.
    static let reason =
        "a pooler lends one process of PostgreSQL to several connections and does not track prepared statements: set its pool_mode to "
        + "session, or use PgBouncer 1.21 or newer with max_prepared_statements, or connect to PostgreSQL directly; then restart the "
        + "server; without a restart it tries again after 15 s to 15 min; "
        + "see \"Connection poolers\" in docs/operations.md"

    /// Whether no pooled connection is used for now.
    func isPaused(at now: ContinuousClock.Instant = .now) -> Bool { state.withLockedValue { $0.pauses(at: now) } }

    func release(_ process: Process) { state.withLockedValue { _ = $0.held.remove(process) } }
}
