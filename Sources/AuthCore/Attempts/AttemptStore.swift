/// What else than a login may be tried too often.
public enum AttemptKind: String, CaseIterable, Sendable {
    case registration, refresh, client, mail
    /// A one-time token or a code.
    case token
}

/// Counts attempts exactly, for all instances together and beyond their restart.
public protocol AttemptStore: Sendable {
    /// Counts a login as a failure before it is evaluated. An address without an account is counted the same way.
    ///
    /// - Parameters:
    ///   - ip: the client's IP address, whose networks spend an attempt.
    ///   - device: the live session of the account whose token the client has sent. Then only this session's failures count.
    ///   - limitEvent: the event to record if this attempt uses up the allowance of a network. It has the routing key of the networks.
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``: then it is not counted, and must not be evaluated.
    ///   ``AuthError/unavailable(cause:)``.
    func begin(
        _ email: EmailAddress, ip: String?, device: SessionID?, policy: AttemptPolicy, limitEvent: AuditEvent
    ) async throws(AuthError) -> LoginAttempt

    /// Uncounts an attempt that was not evaluated, or whose password was right and could not be answered.
    func withdraw(_ attempt: LoginAttempt) async throws(AuthError)

    /// Gives the networks of a right login back what they spent on it. Only networks that the account did not know have spent anything.
    /// The transaction that opens the session clears the account's failures.
    func returnAllowance(of attempt: LoginAttempt) async throws(AuthError)

    /// Counts an attempt of another kind.
    ///
    /// - Parameters:
    ///   - ip: the client's IP address, whose networks spend an attempt.
    ///   - limitEvent: the event to record if this attempt uses up the allowance of a network. It has the routing key of the networks.
    /// - Throws: the same errors as ``begin(_:ip:device:policy:limitEvent:)``.
    func count(_ kind: AttemptKind, ip: String?, policy: AttemptPolicy, limitEvent: AuditEvent) async throws(AuthError)

    /// Ends every block of this address.
    ///
    /// - Returns: `false` if nothing is blocked.
    func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool
}
