import NIOConcurrencyHelpers

/// What the clients know together: accounts, the sessions that should live, and tokens that should be dead.
final class Shelf: Sendable {
    struct Live: Sendable {
        let account: String
        /// In the order of their generations.
        var pairs: [Pair]
        var lastRefresh: ContinuousClock.Instant

        var latest: Pair { pairs[pairs.count - 1] }
        var session: String { latest.session }
    }

    /// What ends sessions, and so must not be done more often than people log in.
    enum Turn: Hashable { case end, replay }

    private struct State {
        var lastTurns: [Turn: ContinuousClock.Instant] = [:]
        var accounts: [String] = []
        var live: [String: Live] = [:]
        var dead: [(account: String, token: Token)] = []
    }

    /// Tokens that are remembered after their session.
    private static let graveyard = 400

    private let state = NIOLockedValueBox(State())

    var accounts: [String] { state.withLockedValue { $0.accounts } }
    var live: [Live] { state.withLockedValue { Array($0.live.values) } }
    var liveCount: Int { state.withLockedValue { $0.live.count } }
    var dead: [(account: String, token: Token)] { state.withLockedValue { $0.dead } }

    func registered(_ account: String) { state.withLockedValue { $0.accounts.append(account) } }

    func learn(_ pair: Pair, of account: String) {
        state.withLockedValue { state in
            guard var known = state.live[pair.session] else {
                // A refresh may be answered after its session was given up.
                if pair.generation == 1 { state.live[pair.session] = Live(account: account, pairs: [pair], lastRefresh: .now) }
                return
            }
            if pair.generation > known.latest.generation { known.pairs.append(pair) }
            state.live[pair.session] = known
        }
    }

    /// Whether it is time to refresh the session; the next one waits for the interval.
    func takeRefresh(of session: String, interval: Duration) -> Bool {
        state.withLockedValue { state in
            guard var known = state.live[session], .now - known.lastRefresh >= interval else { return false }
            known.lastRefresh = .now
            state.live[session] = known
            return true
        }
    }

    /// Whether it is time to do this; the next one waits for the interval.
    func take(_ turn: Turn, every interval: Duration) -> Bool {
        state.withLockedValue { state in
            if let last = state.lastTurns[turn], .now - last < interval { return false }
            state.lastTurns[turn] = .now
            return true
        }
    }

    /// Nobody counts on the session from now on.
    ///
    /// - Returns: its tokens.
    @discardableResult
    func giveUp(_ session: String) -> [Token] {
        state.withLockedValue { state in
            guard let known = state.live.removeValue(forKey: session) else { return [] }
            let tokens = known.pairs.suffix(3).reversed().flatMap { [$0.access, $0.refresh] }
            state.dead.append(contentsOf: tokens.map { (known.account, $0) })
            state.dead.removeFirst(max(0, state.dead.count - Self.graveyard))
            return tokens
        }
    }

    func sessions(of account: String) -> [Live] { live.filter { $0.account == account } }
}
