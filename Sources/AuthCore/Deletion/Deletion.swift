/// Deletes accounts at their owners' wish: after a grace in which the owner can restore the account, nothing personal is left.
public struct Deletion: Sendable {
    /// Takes accounts out of the server, at the end of their grace or when an operator says so.
    public let erasure: Erasure
    /// Erases the accounts whose grace is over.
    public var job: Job { erasure.job }

    private let store: any DeletionStore
    private let kit: Kit
    private let tokens: OneTimeTokens
    private let notices: MailNotices
    private let attempts: AttemptLimits
    private let recent: RecentAuthentication

    init(
        _ store: any DeletionStore, _ kit: Kit, _ tokens: OneTimeTokens, _ mails: Mails, _ attempts: AttemptLimits,
        recent: RecentAuthentication, _ erasure: Erasure
    ) {
        self.erasure = erasure
        (self.store, self.kit, self.tokens, self.attempts, self.recent) = (store, kit, tokens, attempts, recent)
        notices = mails.notices
    }

    /// Ends all sessions of the account immediately. After the grace the account is erased.
    ///
    /// - Returns: the end of the grace.
    /// - Throws: ``AuthError/insufficientAuthentication(maxAge:)``, ``AuthError/invalidToken`` if the account is gone or will be deleted
    ///   already, ``AuthError/unavailable(cause:)``.
    public func schedule(_ session: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) -> Timestamp {
        try await recent.require(session.session.id)
        let user = session.user.id
        let end = try await store.schedule(
            user, grace: tokens.policy.deletionGrace, notice: notices.notice(.deletionScheduled, of: user),
            event: kit.identifiers.event(.deletionScheduled, of: user.routing, origin))
        guard let end else { throw .invalidToken }
        return end
    }

    /// Keeps the account, by the token of the link in the notice. Its sessions stay ended.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func restore(token text: String, origin: RequestOrigin) async throws(AuthError) {
        let token = try tokens.present(text, for: .restoreAccount)
        try await attempts.count(.token, origin)
        guard let user = try await tokens.subject(of: token).userID else { throw .invalidOneTimeToken }
        let event = kit.identifiers.event(.deletionCancelled, of: user.routing, origin)
        guard try await store.restore(token, of: user, event: event) else { throw .invalidOneTimeToken }
    }
}

extension AuditKind {
    public static let deletionScheduled = AuditKind("user_deletion_scheduled")
    public static let deletionCancelled = AuditKind("user_deletion_cancelled")
}
