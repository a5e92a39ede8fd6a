/// Makes token pairs: the first of a session at random, every later one from the refresh token presented.
///
/// A successor is derived: `secret(n+1) = HMAC-SHA-256(key = the session's salt, message = label ‖ secret(n) of the refresh token)`.
/// The database has the salt and not the secret, so neither alone yields the next pair. The same token presented twice yields the
/// same pair on every instance.
public struct TokenMint: Sendable {
    private let cryptography: any TokenCryptography

    /// Labels keep the uses of one salt apart. They are part of the token format: changing one ends every session.
    private enum Label {
        static let access = Array("auth-api/access/1".utf8)
        static let refresh = Array("auth-api/refresh/1".utf8)
        static let tag = Array("auth-api/tag/2".utf8)
        /// For tokens issued before the tag covered the secret. They work until their next refresh, and end their session later.
        static let formerTag = Array("auth-api/tag/1".utf8)
    }

    public init(cryptography: any TokenCryptography) {
        self.cryptography = cryptography
    }

    /// The random pair with which a session begins.
    public func first(for sessionID: SessionID, salt: Octets32) throws(AuthError) -> TokenPair {
        try pair(sessionID, .first, salt: salt, access: .random(), refresh: .random())
    }

    /// The pair that follows the presented token; `nil` at the end of the generation counter.
    public func successor(of token: RefreshToken, salt: Octets32) throws(AuthError) -> TokenPair? {
        guard let generation = token.generation.next else { return nil }
        return try pair(
            token.sessionID, generation, salt: salt,
            access: try cryptography.hmacSHA256(key: salt, message: Label.access + token.secret.array),
            refresh: try refreshSecret(after: token.secret, salt: salt))
    }

    private func refreshSecret(after secret: Octets32, salt: Octets32) throws(AuthError) -> Octets32 {
        try cryptography.hmacSHA256(key: salt, message: Label.refresh + secret.array)
    }

    /// The SHA-256 of both secrets, which the database keeps in their place.
    public func digests(of pair: TokenPair) throws(AuthError) -> TokenDigests {
        TokenDigests(access: try cryptography.sha256(pair.access.secret), refresh: try cryptography.sha256(pair.refresh.secret))
    }

    /// The SHA-256 of one secret.
    public func digest(of secret: Octets32) throws(AuthError) -> Octets32 {
        try cryptography.sha256(secret)
    }

    /// What is known about a refresh token from the token and its session's row.
    public enum Authenticity: Hashable, Sendable {
        /// The current token, or the one before it: its secret, or the one derived from it, has the stored digest.
        case recent
        /// Older, with a tag that can only be made with the session's salt. Whether the current token derives from it is not known yet.
        case tagged
        /// Older, with a tag that does not cover the secret. A client that once had a token of this session can put other secrets before
        /// the tag, so each check of the derivation is counted first.
        case formerlyTagged
        case foreign
    }

    /// Takes at most three HMACs and one digest, whatever the token says, so an altered token costs no more than a genuine one.
    public func authenticity(
        of token: RefreshToken, current: TokenGeneration, digest: Octets32, salt: Octets32
    ) throws(AuthError) -> Authenticity {
        guard token.generation >= .first, token.generation <= current else { return .foreign }
        let isRecent = current.value - token.generation.value <= 1
        let isTagged = try tag(for: token.generation, secret: token.secret, salt: salt).equalsInConstantTime(token.tag)
        if !isTagged {
            guard try formerTag(for: token.generation, salt: salt).equalsInConstantTime(token.tag) else { return .foreign }
        }
        guard isRecent else { return isTagged ? .tagged : .formerlyTagged }
        return try derives(digest, from: token, current: current, salt: salt) ? .recent : .foreign
    }

    /// How many derivations are made to prove an old token. They take some milliseconds. If the token is still older, its tag alone
    /// decides. A session that is refreshed every hour for a month has fewer generations.
    static let longestLineage: Int32 = 1000

    /// Whether the current token derives from an older one that has a tag of either kind. An intruder who has read the database can
    /// make a tag without the token; this finds such tokens.
    public func isAncestor(_ token: RefreshToken, current: TokenGeneration, digest: Octets32, salt: Octets32) throws(AuthError)
        -> Bool
    {
        if current.value - token.generation.value > Self.longestLineage { return true }
        return try derives(digest, from: token, current: current, salt: salt)
    }

    private func derives(_ digest: Octets32, from token: RefreshToken, current: TokenGeneration, salt: Octets32) throws(AuthError) -> Bool {
        var secret = token.secret
        for _ in token.generation.value..<current.value { secret = try refreshSecret(after: secret, salt: salt) }
        return try self.digest(of: secret).equalsInConstantTime(digest)
    }

    private func pair(
        _ id: SessionID, _ generation: TokenGeneration, salt: Octets32, access: Octets32, refresh: Octets32
    ) throws(AuthError) -> TokenPair {
        TokenPair(
            access: AccessToken(sessionID: id, generation: generation, secret: access),
            refresh: RefreshToken(
                sessionID: id, generation: generation, secret: refresh, tag: try tag(for: generation, secret: refresh, salt: salt)))
    }

    private func tag(for generation: TokenGeneration, secret: Octets32, salt: Octets32) throws(AuthError) -> RefreshTag {
        RefreshTag(try cryptography.hmacSHA256(key: salt, message: Label.tag + generation.octets + secret.array).array.prefix(16))
    }

    private func formerTag(for generation: TokenGeneration, salt: Octets32) throws(AuthError) -> RefreshTag {
        RefreshTag(try cryptography.hmacSHA256(key: salt, message: Label.formerTag + generation.octets).array.prefix(16))
    }
}
