import AuthCore

/// A guarded read, and what of it the answer depends on.
struct FastReadRequest: Sendable {
    let method: FastPathMethod
    /// The index in ``FastRoutes/reads``.
    let route: Int
    let token: AccessToken
    /// The client's own, if it is harmless.
    let requestID: String?
}

/// A refresh, and what of it the answer and the audit trail depend on.
struct FastRefreshRequest: Sendable {
    /// The index in ``FastRoutes/refreshes``.
    let route: Int
    /// As it came. The service decides whether it is a token.
    let token: String
    let userAgent: String?
    let forwardedFor: [String]
    /// The client's own, if it is harmless.
    let requestID: String?
}

/// A request with a password, and what of it a refusal depends on.
struct FastPasswordRequest: Sendable {
    /// The index in ``FastRoutes/passwords``.
    let route: Int
    let forwardedFor: [String]
    /// The client's own, if it is harmless.
    let requestID: String?
}
