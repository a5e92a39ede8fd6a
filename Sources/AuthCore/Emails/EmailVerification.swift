/// Finds out whether an address is its owner's. It starts no session for whoever opens a link.
public struct EmailVerification: Sendable {
    private let store: any EmailStore
    private let kit: Kit
    let tokens: OneTimeTokens
    private let requests: MailRequests
    let attempts: AttemptLimits

    init(store: any EmailStore, kit: Kit, tokens: OneTimeTokens, requests: MailRequests, attempts: AttemptLimits) {
        (self.store, self.kit, self.tokens, self.requests, self.attempts) = (store, kit, tokens, requests, attempts)
    }

    /// Sends the mail with the link and the code. Nothing is sent if the address is verified.
    ///
    /// - Throws: ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func send(to user: User, origin: RequestOrigin) async throws(AuthError) {
        guard let email = EmailAddress(user.email, rules: kit.rules) else {
            throw .internalError(cause: "the account's address is not valid")
        }
        try await requests.spend(email, origin)
        let event = kit.identifiers.event(.verificationRequested, of: user.id.routing, origin)
        _ = try await store.queueVerification(of: user.id, mail: requests.mail(.verifyEmail, of: user.id), event: event)
    }

    /// Verifies the address by the token of the link.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func verify(token text: String, origin: RequestOrigin) async throws(AuthError) {
        let token = try tokens.present(text, for: .verifyEmail)
        try await attempts.count(.token, origin)
        guard let user = try await tokens.subject(of: token).userID else { throw .invalidOneTimeToken }
        try await verify(token, of: user, origin)
    }

    /// - Parameter user: the account of the session that presents the code.
    func verify(_ token: PresentedOneTimeToken, of user: UserID, _ origin: RequestOrigin) async throws(AuthError) {
        let event = kit.identifiers.event(.emailVerified, of: user.routing, origin)
        guard try await store.verify(token, of: user, event: event) else { throw .invalidOneTimeToken }
    }
}

extension AuditKind {
    public static let verificationRequested = AuditKind("email_verification_requested")
    public static let emailVerified = AuditKind("email_verified")
}
