/// How much one request may use of the server.
public struct HTTPLimits: Sendable {
    /// The largest body, in bytes: ten times the longest that the contract has.
    public var bodyBytes = 16 * 1024
    /// Nesting of a JSON body. Those of the contract are flat.
    public var jsonDepth = 8
    /// Members of one JSON object.
    public var jsonMembers = 64
    /// The request target, in bytes.
    public var uriBytes = 8 * 1024
    /// One header field, in bytes; a token is a hundred.
    public var headerFieldBytes = 8 * 1024
    /// All header fields together, in bytes.
    public var headerListBytes = 32 * 1024
    public var headerFields = 100
    /// A request is answered within this time, if only with 503. Below 2 s, after which a proxy would have given up.
    public var requestTime: Duration = .milliseconds(1900)
    /// From its first octet on a head, and after that a body, must be there within this time, in seconds.
    public var headSeconds: Int64 = 10
    public var bodySeconds: Int64 = 10
    /// A connection without a request is closed after this time, in seconds, and so is one whose client does not read its answers. It is
    /// more than the 60 s after which proxies usually close theirs. Otherwise a request could arrive just when the server closes.
    public var idleSeconds: Int64 = 75

    /// The limits of the contract.
    public init() {}
}
