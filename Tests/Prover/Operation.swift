/// One request of a client, as the client saw it.
package struct Operation: Sendable {
    package enum Kind: Hashable, Sendable {
        case register, logIn
        /// Presents an access token where it may be asked about: `/api/auth/verify/`, `/api/profile/` or introspection.
        case use
        case refresh
        case logOut
        case endOne(String)
        case endOthers, endAll
        /// RFC 7009, with a credential of a service's own.
        case revoke
    }

    package enum Outcome: Sendable {
        case accepted
        /// A login or a refresh gave this.
        case issued(Pair)
        /// 401, 404 or 409, with its code: nothing happened, or so the server says.
        case refused(String)
        /// It never reached the server.
        case failed
        /// It may have happened, or may happen yet: 503, or no answer.
        case unknown(String)
        /// An answer that must never be.
        case wrong(String)
    }

    /// Its place in the history.
    package internal(set) var number = 0
    package let kind: Kind
    package let client: Int
    package let instance: Int
    package let account: String
    /// What was presented; `nil` for a registration and a login.
    package let token: Token?
    /// Since the run began, by a clock that nothing moves.
    package let start: Duration
    package let end: Duration
    package let outcome: Outcome

    package init(
        _ kind: Kind, client: Int = 0, instance: Int = 0, account: String, token: Token? = nil, start: Duration, end: Duration,
        outcome: Outcome
    ) {
        (self.kind, self.client, self.instance, self.account, self.token) = (kind, client, instance, account, token)
        (self.start, self.end, self.outcome) = (start, end, outcome)
    }

    /// Whether the server said yes.
    var isAccepted: Bool {
        switch outcome {
        case .accepted, .issued: true
        case .refused, .failed, .unknown, .wrong: false
        }
    }

    var issued: Pair? {
        if case .issued(let pair) = outcome { pair } else { nil }
    }

    var refusal: String? {
        if case .refused(let code) = outcome { code } else { nil }
    }

    /// Whether it changed something, if it changes anything: for sure, or perhaps.
    var mayHaveHappened: Bool {
        switch outcome {
        case .accepted, .issued, .unknown: true
        case .refused, .failed, .wrong: false
        }
    }
}

extension Operation: CustomStringConvertible {
    package var description: String {
        let presented = token.map { " \($0)" } ?? " \(account)"
        return "\(start.milliseconds)–\(end.milliseconds) ms  client \(client) → instance \(instance)  \(kind)\(presented): \(outcome)"
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
