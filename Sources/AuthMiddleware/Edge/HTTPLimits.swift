/// How much one request may ask of the server. Beyond these nothing of ours is any longer.
public struct HTTPLimits: Sendable {
    /// The largest body, in bytes: ten times the longest that the contract has.
    public var bodyBytes = 16 * 1024
    /// Nesting of a JSON body; ours are flat.
    public var jsonDepth = 8
    /// Members of one JSON object.
    public var jsonMembers = 64
    /// One header field, in bytes; a token is a hundred.
    public var headerFieldBytes = 8 * 1024
    /// All header fields together, in bytes.
    public var headerListBytes = 32 * 1024
    public var headerFields = 100
    /// A request is answered within this time, if only with 503. Below 2 s, after which a proxy would have given up.
    public var requestTime: Duration = .milliseconds(1900)
    /// A connection without a request is closed after this time, in seconds.
    public var idleSeconds: Int64 = 60

    public init() {}
}
