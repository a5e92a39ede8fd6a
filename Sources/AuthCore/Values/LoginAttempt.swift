/// A login that was counted as a failure before its password is looked at, so that guesses in parallel are counted too.
public struct LoginAttempt: Sendable {
    public let email: EmailAddress
    /// Of the client, as text; `nil` where it has none.
    public let ip: String?
    /// The account was logged in to from this network before. Then what strangers do to the account does not count here.
    public let isFromKnownNetwork: Bool
    /// Consecutive ones, should this be one.
    public let failures: Int
    /// By which it was counted.
    public let policy: AttemptPolicy

    public init(email: EmailAddress, ip: String?, isFromKnownNetwork: Bool, failures: Int, policy: AttemptPolicy) {
        self.email = email
        self.ip = ip
        self.isFromKnownNetwork = isFromKnownNetwork
        self.failures = failures
        self.policy = policy
    }
}
