import AuthCore

/// A token string and what it says of itself.
package struct Token: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case access, refresh }

    package let kind: Kind
    package let session: String
    package let generation: Int32
    package let text: String
    /// Nobody ever issued it.
    package let isForged: Bool

    package init(_ kind: Kind, session: String, generation: Int32, text: String, isForged: Bool = false) {
        (self.kind, self.session, self.generation, self.text, self.isForged) = (kind, session, generation, text, isForged)
    }

    /// `nil` unless the text is an access token.
    init?(access text: String) {
        guard let token = AccessToken(text) else { return nil }
        self.init(.access, session: token.sessionID.text, generation: token.generation.value, text: text)
    }

    /// `nil` unless the text is a refresh token.
    init?(refresh text: String) {
        guard let token = RefreshToken(text) else { return nil }
        self.init(.refresh, session: token.sessionID.text, generation: token.generation.value, text: text)
    }

    /// The same token but for its secret.
    func forged() -> Token {
        let octets = Octets32.random()
        let text: String
        switch kind {
        case .access:
            guard let real = AccessToken(self.text) else { return self }
            text = AccessToken(sessionID: real.sessionID, generation: real.generation, secret: octets).reveal()
        case .refresh:
            guard let real = RefreshToken(self.text) else { return self }
            text = RefreshToken(sessionID: real.sessionID, generation: real.generation, secret: octets, tag: real.tag).reveal()
        }
        return Token(kind, session: session, generation: generation, text: text, isForged: true)
    }
}

extension Token: CustomStringConvertible {
    package var description: String { "\(isForged ? "forged " : "")\(kind) \(generation) of \(session)" }
}

/// What one login or refresh gave.
package struct Pair: Hashable, Sendable {
    package let access: Token
    package let refresh: Token

    package init(access: Token, refresh: Token) {
        (self.access, self.refresh) = (access, refresh)
    }

    var session: String { access.session }
    var generation: Int32 { access.generation }
}

extension Pair: CustomStringConvertible {
    package var description: String { "pair \(generation) of \(session)" }
}
