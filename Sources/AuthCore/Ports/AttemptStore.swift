/// What else than a login may be tried too often.
public enum AttemptKind: String, CaseIterable, Sendable {
    case registration, refresh, client
}

/// Counts attempts, exactly, for all instances together and beyond their restart.
public protocol AttemptStore: Sendable {
    /// Counts a login as a failure, to be evaluated now; the same for an address that nobody has.
    ///
    /// - Parameter excess: written where this spends the last that the network has for now.
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``: then it is not counted, and must not be evaluated.
    ///   ``AuthError/unavailable(cause:)``.
    func begin(
        _ email: EmailAddress, policy: AttemptPolicy, excess: AuditEvent
    ) async throws(AuthError) -> LoginAttempt

    /// As if it had not been made: it was not evaluated, or its password was right and could not be answered.
    func withdraw(_ attempt: LoginAttempt) async throws(AuthError)

    /// Counts an attempt of another kind from the network of the event.
    ///
    /// - Throws: what ``begin(_:policy:excess:)`` does.
    func count(_ kind: AttemptKind, policy: AttemptPolicy, excess: AuditEvent) async throws(AuthError)

    /// Ends every block of this address.
    ///
    /// - Returns: `false` where nobody is blocked.
    func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool
}
