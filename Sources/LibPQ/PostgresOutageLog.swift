import Logging
import NIOConcurrencyHelpers

/// Logs failed and lost connections to PostgreSQL in few lines: one when that begins, one a minute with the number of failures, and
/// one when all connections are back. At the level debug, every failure has a line.
public final class PostgresOutageLog: Sendable {
    /// One connection of one client.
    struct Key: Hashable, Sendable {
        let client: ObjectIdentifier
        let number: Int
    }

    enum Line: Hashable, Sendable {
        case began
        case lasts(failures: Int, connections: Int)
        case ended(failures: Int, after: Duration)
    }

    static let interval: Duration = .seconds(60)

    private struct State {
        var failing: Set<Key> = []
        var failures = 0
        var began = ContinuousClock.now
        var told = ContinuousClock.now
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    func failed(_ key: Key, _ reason: String, _ logger: Logger) {
        switch line(failed: key, at: .now) {
        case .began: logger.warning("no connection to PostgreSQL", metadata: ["reason": "\(reason)"])
        case .lasts(let failures, let connections):
            logger.warning(
                "still no connection to PostgreSQL",
                metadata: ["reason": "\(reason)", "failures": "\(failures)", "connections": "\(connections)"])
        case .ended, nil: logger.debug("still no connection to PostgreSQL", metadata: ["reason": "\(reason)"])
        }
    }

    func connected(_ key: Key, _ logger: Logger) {
        guard case .ended(let failures, let time) = line(connected: key, at: .now) else { return }
        logger.notice("connected to PostgreSQL again", metadata: ["failures": "\(failures)", "after": "\(time)"])
    }

    func line(failed key: Key, at now: ContinuousClock.Instant) -> Line? {
        state.withLockedValue { state in
            let isFirst = state.failing.isEmpty
            if isFirst { (state.began, state.told, state.failures) = (now, now, 0) }
            state.failing.insert(key)
            state.failures += 1
            if isFirst { return .began }
            guard now - state.told >= Self.interval else { return nil }
            state.told = now
            return .lasts(failures: state.failures, connections: state.failing.count)
        }
    }

    func line(connected key: Key, at now: ContinuousClock.Instant) -> Line? {
        state.withLockedValue { state in
            guard state.failing.remove(key) != nil, state.failing.isEmpty else { return nil }
            return .ended(failures: state.failures, after: now - state.began)
        }
    }

    /// Removes the failing connections of a client that ends.
    func forget(_ client: ObjectIdentifier) {
        state.withLockedValue { state in state.failing = state.failing.filter { $0.client != client } }
    }
}
