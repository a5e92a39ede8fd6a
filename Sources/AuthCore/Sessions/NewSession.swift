/// A session about to be opened.
public struct NewSession: Sendable {
    public let id: SessionID
    /// The account as it was when the proof was judged. The session belongs to its epoch.
    public let account: Credentials
    /// Its methods are not stored: today all sessions have the same (``AuthenticatedSession/methods``).
    public let proof: AuthenticationProof
    /// The login that opens the session. Its failures are forgotten together, and the account knows its network from then on.
    public let attempt: LoginAttempt?
    public let name: DeviceName?
    public let salt: Octets32
    public let digests: TokenDigests
    /// The mail for the owner, if the account knows neither the device nor the network; `nil` if the server sends no mail.
    public var notice: NewMail?

    public init(
        id: SessionID, account: Credentials, proof: AuthenticationProof, attempt: LoginAttempt?, name: DeviceName?, salt: Octets32,
        digests: TokenDigests
    ) {
        self.id = id
        self.account = account
        self.proof = proof
        self.attempt = attempt
        self.name = name
        self.salt = salt
        self.digests = digests
    }
}
