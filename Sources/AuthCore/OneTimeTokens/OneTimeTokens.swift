/// Makes one-time tokens and reads presented ones.
public struct OneTimeTokens: Sendable {
    private let store: any OneTimeTokenStore
    private let passwords: Passwords
    private let kit: Kit
    let policy: OneTimeTokenPolicy

    init(_ store: any OneTimeTokenStore, _ kit: Kit, _ passwords: Passwords, _ policy: OneTimeTokenPolicy) {
        self.store = store
        self.passwords = passwords
        self.kit = kit
        self.policy = policy
    }

    /// A new token with its plaintext, and its code with that plaintext.
    struct Minted: Sendable {
        let token: NewOneTimeToken
        let text: String
        let code: String?
    }

    /// - Parameter routing: the key of the account, or of the address if there is no account.
    /// - Throws: ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func mint(_ purpose: OneTimeTokenPurpose, routing: RoutingKey) async throws(AuthError) -> Minted {
        let token = OneTimeToken(id: kit.identifiers.make(routing: routing), secret: .random())
        let code = purpose.hasCode ? OneTimeCode.random() : nil
        var codeHash: PasswordHash?
        if let code { codeHash = try await passwords.hash(code.password) }
        return Minted(
            token: NewOneTimeToken(
                id: token.id, purpose: purpose, digest: try kit.mint.digest(of: token.secret), lifetime: policy.lifetime(of: purpose),
                codeHash: codeHash, codeLifetime: policy.code),
            text: token.reveal(), code: code?.reveal())
    }

    /// - Throws: ``AuthError/invalidOneTimeToken`` if the text is no token. Whether it works is for the database to say.
    func present(_ text: String, for purpose: OneTimeTokenPurpose) throws(AuthError) -> PresentedOneTimeToken {
        guard let token = OneTimeToken(text) else { throw .invalidOneTimeToken }
        return PresentedOneTimeToken(id: token.id, digest: try kit.mint.digest(of: token.secret), purpose: purpose)
    }

    /// What the token is about. The token may have ended when it is redeemed after that.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken`` if it does not work, ``AuthError/unavailable(cause:)``.
    func subject(of token: PresentedOneTimeToken) async throws(AuthError) -> OneTimeTokenSubject {
        guard let subject = try await store.find(token) else { throw .invalidOneTimeToken }
        return subject
    }

    /// The token whose code this is. Each call spends one of the five tries of the code.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken`` if the code is wrong, or if no try is left.
    func present(code text: String, of user: UserID, for purposes: [OneTimeTokenPurpose], ip: String?) async throws(AuthError)
        -> PresentedOneTimeToken
    {
        guard let code = OneTimeCode(text) else { throw .invalidOneTimeToken }
        let reservation = try passwords.reserve(for: ip)
        let attempt = try await store.countCodeTry(of: user, purposes)
        // Without a code it takes the same time. Otherwise the time would tell whether a mail went to the address or to its owner.
        let verdict = try await passwords.verify(passwords.password(code.password), against: attempt?.codeHash, in: reservation)
        guard let attempt, verdict.matches else { throw .invalidOneTimeToken }
        return attempt.token
    }
}
