/// Tokens and codes of both kinds of mail about an address.
extension Emails {
    /// Does what the mail with this link is for: verifies the address, or makes the new one the account's.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/emailTaken``, ``AuthError/emailFrozen``,
    ///   ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func confirm(token: String, origin: RequestOrigin) async throws(AuthError) {
        do throws(AuthError) {
            try await verification.verify(token: token, origin: origin)
        } catch {
            guard error == .invalidOneTimeToken else { throw error }
            try await change.confirm(token: token, origin: origin)
        }
    }

    /// The same by the code of the mail.
    ///
    /// - Parameter user: the account of the session that presents the code.
    /// - Throws: ``AuthError/invalidOneTimeToken`` also after five wrong codes, ``AuthError/overloaded(retryAfter:)``, and the errors of
    ///   ``confirm(token:origin:)``.
    public func confirm(code: String, of user: UserID, origin: RequestOrigin) async throws(AuthError) {
        let token = try await verification.present(code: code, of: user, origin)
        if token.purpose == .confirmEmail { return try await change.confirm(token, origin) }
        try await verification.verify(token, of: user, origin)
    }
}

extension EmailVerification {
    fileprivate func present(code: String, of user: UserID, _ origin: RequestOrigin) async throws(AuthError) -> PresentedOneTimeToken {
        try await attempts.count(.token, origin)
        return try await tokens.present(code: code, of: user, for: [.verifyEmail, .confirmEmail], ip: origin.ip)
    }
}
