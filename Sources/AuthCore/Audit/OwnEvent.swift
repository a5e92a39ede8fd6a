/// An event of the audit trail as the owner of its account may see it.
public struct OwnEvent: Hashable, Sendable {
    /// What the event says besides who, when and where. It is never another account's data.
    public struct Details: Hashable, Sendable {
        /// Why an operator changed the account.
        public let reason: String?
        /// How many things the event is about.
        public let count: Int64?
        /// Consecutive failed logins, counting this one.
        public let failures: Int64?
        /// How many refreshes the event counts.
        public let renewals: Int64?

        /// - Parameters: `nil` for what the event does not say.
        public init(reason: String? = nil, count: Int64? = nil, failures: Int64? = nil, renewals: Int64? = nil) {
            (self.reason, self.count, self.failures, self.renewals) = (reason, count, failures, renewals)
        }
    }

    /// Where the event is in its chain, and the hash that covers it. It proves later that the event was in the trail.
    public struct Receipt: Hashable, Sendable {
        public let chain: RoutingKey
        public let position: Int64
        public let volume: Int32
        public let sealedAt: Timestamp
        /// SHA-256 in lower-case hexadecimal.
        public let hash: String

        /// - Parameter hash: SHA-256 in lower-case hexadecimal.
        public init(chain: RoutingKey, position: Int64, volume: Int32, sealedAt: Timestamp, hash: String) {
            (self.chain, self.position, self.volume) = (chain, position, volume)
            (self.sealedAt, self.hash) = (sealedAt, hash)
        }
    }

    public let id: EventID
    /// The name of the ``AuditKind``.
    public let type: String
    /// `success` or `failure`.
    public let outcome: String
    public let occurredAt: Timestamp
    public let ip: String?
    public let userAgent: String?
    public let sessionID: SessionID?
    public let details: Details
    /// `nil` until the event is sealed.
    public let receipt: Receipt?

    /// - Parameters:
    ///   - source: the IP address and the user agent of the client, and its session.
    ///   - receipt: `nil` until the event is sealed.
    public init(
        id: EventID, type: String, outcome: String, occurredAt: Timestamp,
        source: (ip: String?, userAgent: String?, session: SessionID?), details: Details, receipt: Receipt?
    ) {
        (self.id, self.type, self.outcome, self.occurredAt) = (id, type, outcome, occurredAt)
        (ip, userAgent, sessionID) = source
        (self.details, self.receipt) = (details, receipt)
    }
}
