/// Where a request came from, as the audit trail keeps it.
public struct RequestOrigin: Hashable, Sendable {
    /// The peer's address in text form, without a port.
    public let ip: String?
    /// At most ``maximumUserAgentScalars`` scalars of the header.
    public let userAgent: String?
    public let requestID: String

    public static let maximumUserAgentScalars = 512

    public init(ip: String?, userAgent: String?, requestID: String) {
        self.ip = ip
        self.userAgent = userAgent.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(Self.maximumUserAgentScalars))) }
        self.requestID = requestID
    }
}
