/// Makes token pairs: the first of a session from chance, every later one from the refresh token presented.
///
/// A successor is derived: `secret(n+1) = HMAC-SHA-256(key = the session's salt, message = label ‖ secret(n) of the refresh token)`.
/// The salt lies in the database and the secret does not, so neither alone yields the next pair; and yet the same token
/// presented twice yields the same pair on every instance.
public struct TokenMint: Sendable {
    private let cryptography: any TokenCryptography

    /// Labels keep the three uses of one salt apart. They are part of the token format: changing one ends every session.
    private enum Label {
        static let access = Array("auth-api/access/1".utf8)
        static let refresh = Array("auth-api/refresh/1".utf8)
        static let tag = Array("auth-api/tag/1".utf8)
    }

    public init(cryptography: any TokenCryptography) {
        self.cryptography = cryptography
    }

    public func first(for sessionID: SessionID, salt: Octets32) -> TokenPair {
        pair(sessionID, .first, salt: salt, access: .random(), refresh: .random())
    }

    /// The pair that follows the presented token; `nil` at the end of the generation counter.
    public func successor(of token: RefreshToken, salt: Octets32) -> TokenPair? {
        guard let generation = token.generation.next else { return nil }
        return pair(
            token.sessionID, generation, salt: salt,
            access: cryptography.hmacSHA256(key: salt, message: Label.access + token.secret.array),
            refresh: refreshSecret(after: token.secret, salt: salt))
    }

    private func refreshSecret(after secret: Octets32, salt: Octets32) -> Octets32 {
        cryptography.hmacSHA256(key: salt, message: Label.refresh + secret.array)
    }

    public func digests(of pair: TokenPair) -> TokenDigests {
        TokenDigests(access: cryptography.sha256(pair.access.secret), refresh: cryptography.sha256(pair.refresh.secret))
    }

    public func digest(of secret: Octets32) -> Octets32 {
        cryptography.sha256(secret)
    }

    /// How many derivations are made to prove an old token; of an older one the tag alone is witness. Whoever once held a token can
    /// alter it and ask for them again and again, so that they must not cost more than any other request: these take about a
    /// millisecond. A session that is refreshed every hour for a month has fewer generations.
    static let longestLineage: Int32 = 1000

    /// Whether the token was issued for this session: it is the current one, or the current one derives from it.
    ///
    /// The tag comes first. Somebody who only knows a session's id cannot make one, and is refused before any derivation; somebody
    /// who has the database can, or has it from an old token, and fails the derivation.
    public func isAuthentic(_ token: RefreshToken, current: TokenGeneration, digest: Octets32, salt: Octets32) -> Bool {
        guard tag(for: token.generation, salt: salt).equalsInConstantTime(token.tag) else { return false }
        guard (1...current.value).contains(token.generation.value) else { return false }
        let age = current.value - token.generation.value
        guard age <= Self.longestLineage else { return true }
        let secret = (0..<age).reduce(token.secret) { secret, _ in refreshSecret(after: secret, salt: salt) }
        return self.digest(of: secret).equalsInConstantTime(digest)
    }

    private func pair(_ id: SessionID, _ generation: TokenGeneration, salt: Octets32, access: Octets32, refresh: Octets32) -> TokenPair {
        TokenPair(
            access: AccessToken(sessionID: id, generation: generation, secret: access),
            refresh: RefreshToken(sessionID: id, generation: generation, secret: refresh, tag: tag(for: generation, salt: salt)))
    }

    private func tag(for generation: TokenGeneration, salt: Octets32) -> RefreshTag {
        RefreshTag(cryptography.hmacSHA256(key: salt, message: Label.tag + generation.octets).array.prefix(16))
    }
}
