@testable import Prover

/// A history told by hand: one operation after another, a tenth of a second each.
struct Story {
    static let session = "the session"
    private static let account = "ada@example.org"

    var rules = Rules()
    private(set) var now: Duration = .zero
    private var history: [Operation] = []

    var invariants: [Violation.Invariant] {
        Checker(history, rules: rules).violations().map(\.invariant)
    }

    func pair(_ generation: Int32, of session: String = session, secret: String = "") -> Pair {
        Pair(
            access: Token(.access, session: session, generation: generation, text: "access \(generation) \(secret)"),
            refresh: Token(.refresh, session: session, generation: generation, text: "refresh \(generation) \(secret)"))
    }

    mutating func wait(_ duration: Duration) { now += duration }

    mutating func logIn(from start: Duration? = nil) { add(.logIn, nil, start: start, .issued(pair(1))) }

    mutating func use(_ generation: Int32, _ outcome: Operation.Outcome = .accepted) { present(.use, pair(generation).access, outcome) }

    /// - Returns: the pair that it gave.
    @discardableResult
    mutating func refresh(_ generation: Int32, giving given: Pair? = nil) -> Pair {
        let next = given ?? pair(generation + 1)
        present(.refresh, pair(generation).refresh, .issued(next))
        return next
    }

    mutating func end(_ kind: Operation.Kind, _ generation: Int32) { present(kind, pair(generation).access, .accepted) }

    mutating func endFromElsewhere(_ kind: Operation.Kind, _ outcome: Operation.Outcome = .accepted) {
        present(kind, pair(1, of: "another session").access, outcome)
    }

    mutating func present(_ kind: Operation.Kind, _ token: Token, _ outcome: Operation.Outcome) { add(kind, token, outcome) }

    mutating func add(_ kind: Operation.Kind, _ token: Token?, start: Duration? = nil, _ outcome: Operation.Outcome) {
        now += .milliseconds(100)
        var operation = Operation(
            kind, account: Self.account, token: token, start: start ?? now - .milliseconds(50), end: now, outcome: outcome)
        operation.number = history.count
        history.append(operation)
    }
}

extension Token {
    var madeUp: Token { Token(kind, session: session, generation: generation, text: "made up", isForged: true) }
}
