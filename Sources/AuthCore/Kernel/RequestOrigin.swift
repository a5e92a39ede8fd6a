/// Where a request came from, as the audit trail keeps it.
public struct RequestOrigin: Hashable, Sendable {
    /// The peer's address in text form, without a port.
    public let ip: String?
    /// At most ``maximumUserAgentScalars`` scalars of the header, with U+FFFD for each invisible one.
    public let userAgent: String?
    public let requestID: String

    public static let maximumUserAgentScalars = 512

    public init(ip: String?, userAgent: String?, requestID: String) {
        self.ip = ip
        self.userAgent = userAgent.map { VisibleText.shown($0, upTo: Self.maximumUserAgentScalars) }
        self.requestID = requestID
    }

    /// The server itself, for work without a request. A client's request id has no colon, so none looks like this one.
    ///
    /// - Parameter job: the name of the work.
    public static func server(_ job: StaticString) -> RequestOrigin {
        RequestOrigin(ip: nil, userAgent: nil, requestID: "server:\(job)")
    }
}
