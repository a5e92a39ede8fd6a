/// A login that was counted as a failure before its password is looked at, so that guesses in parallel are counted too.
public struct LoginAttempt: Sendable {
    public let email: EmailAddress
    /// The client's IP address, as text; `nil` if it has none.
    public let ip: String?
    /// The routing key of the client's networks.
    public let networks: RoutingKey
    /// The live session of the account whose token the client has sent. Its failures have a count of their own.
    public let device: SessionID?
    /// The account knows the client's device or network. Then failures of strangers do not count here.
    public let isFromKnownClient: Bool
    /// Consecutive failures, counting this attempt as one.
    public let failures: Int
    /// The policy by which it was counted.
    public let policy: AttemptPolicy

    public init(
        email: EmailAddress, ip: String?, networks: RoutingKey, device: SessionID? = nil, isFromKnownClient: Bool, failures: Int,
        policy: AttemptPolicy
    ) {
        self.email = email
        self.ip = ip
        self.networks = networks
        self.device = device
        self.isFromKnownClient = isFromKnownClient
        self.failures = failures
        self.policy = policy
    }
}
