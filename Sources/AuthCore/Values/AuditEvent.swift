/// One row of the append-only audit trail. It is written by the statement that makes the change it tells of.
public struct AuditEvent: Sendable {
    /// What happened, in the words of the OWASP Logging Vocabulary.
    public enum Kind: String, CaseIterable, Sendable {
        case userCreated = "user_created"
        case loginSucceeded = "authn_login_success"
        case loginFailed = "authn_login_fail"
        /// The last failed login that nobody had to wait for.
        case loginFailedMax = "authn_login_fail_max"
        /// The failed login after which an operator must help.
        case loginLocked = "authn_login_lock"
        case loginUnlocked = "authn_login_unlock"
        /// The attempt that spent the last that a network has for now.
        case rateLimitExceeded = "excess_rate_limit_exceeded"
        case sessionRenewed = "session_renewed"
        /// The response to a refresh was lost, and its pair was handed out again.
        case renewalRetried = "session_renewal_retried"
        case tokenReused = "authn_token_reuse"
        case tokenRevoked = "authn_token_revoked"
        case otherTokensRevoked = "authn_tokens_revoked_others"
        case allTokensRevoked = "authn_tokens_revoked_all"
        /// Those of every account, of sessions created before a moment.
        case earlierTokensRevoked = "authn_tokens_revoked_before"
        case sessionLimitReached = "session_limit_reached"
        case clientCreated = "client_created"
        case clientRevoked = "client_revoked"
        /// A service whose credential is wrong, unknown or revoked.
        case clientRefused = "client_authn_fail"
        case sessionsRemoved = "sessions_removed"
        case eventsRemoved = "audit_events_removed"
    }

    public let id: EventID
    public let kind: Kind
    public let origin: RequestOrigin

    public init(id: EventID, kind: Kind, origin: RequestOrigin) {
        self.id = id
        self.kind = kind
        self.origin = origin
    }
}
