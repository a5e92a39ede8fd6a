import NIOConcurrencyHelpers
import ServerTestSupport

/// What the server acknowledged under load, and every answer that broke a promise.
final class Ledger: Sendable {
    struct Counts {
        var answers = 0
        var refusals = 0
        var cuts = 0
        var slowest: Duration = .zero
    }

    private struct State {
        var counts = Counts()
        var violations: [String] = []
        var people: [Person] = []
        var live: [Person.Tokens] = []
        var dead: [Person.Tokens] = []
    }

    private let state = NIOLockedValueBox(State())

    var counts: Counts { state.withLockedValue { $0.counts } }
    var violations: [String] { state.withLockedValue { $0.violations } }
    var people: [Person] { state.withLockedValue { $0.people } }
    var live: [Person.Tokens] { state.withLockedValue { $0.live } }
    var dead: [Person.Tokens] { state.withLockedValue { $0.dead } }

    /// Whether there is an account, a live session and an ended one.
    var hasSomethingToLose: Bool { state.withLockedValue { !$0.people.isEmpty && !$0.live.isEmpty && !$0.dead.isEmpty } }

    func registered(_ person: Person) { state.withLockedValue { $0.people.append(person) } }
    func signedIn(_ tokens: Person.Tokens) { state.withLockedValue { $0.live.append(tokens) } }
    func signedOut(_ tokens: Person.Tokens) { state.withLockedValue { $0.dead.append(tokens) } }

    /// A session that is about to be ended: from here on nobody expects it to live.
    func takeLive() -> Person.Tokens? {
        state.withLockedValue { $0.live.count > 4 ? $0.live.removeFirst() : nil }
    }

    func cut() { state.withLockedValue { $0.counts.cuts += 1 } }

    /// Notes an answer. Besides the statuses that the operation may have there is only 503, in time and with `Retry-After`.
    func note(_ reply: Loopback.Reply, _ operation: String, allowed: Set<Int>, within limit: Duration) {
        state.withLockedValue { state in
            state.counts.answers += 1
            state.counts.slowest = max(state.counts.slowest, reply.elapsed)
            if reply.status == 503 { state.counts.refusals += 1 }
            let isRefusal = reply.status == 503 && reply["Retry-After"] != nil && reply.json("code") == "unavailable"
            if !isRefusal, !allowed.contains(reply.status) {
                state.violations.append("\(operation): \(reply.status) \(reply.body)")
            }
            if reply.elapsed > limit { state.violations.append("\(operation): answered \(reply.status) after \(reply.elapsed)") }
        }
    }
}
