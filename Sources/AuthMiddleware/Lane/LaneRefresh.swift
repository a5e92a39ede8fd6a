public import AuthCore
public import NIOCore

/// The refresh that the lane answers: where it is, whom it asks, and what its 200 says.
public struct LaneRefresh: Sendable {
    let path: LanePath
    let service: SessionRefresh
    let writeBody: @Sendable (IssuedTokens, inout ByteBuffer) -> Void

    /// - Parameter path: without a slash at the end.
    public init(path: String, service: SessionRefresh, body: @escaping @Sendable (IssuedTokens, inout ByteBuffer) -> Void) {
        self.path = LanePath(path)
        self.service = service
        writeBody = body
    }
}

/// A refresh, and what of it the answer and the audit trail depend on.
struct LaneRefreshRequest: Sendable {
    /// As it came: whether it is one, the service says.
    let token: String
    let userAgent: String?
    let forwardedFor: [String]
    /// The client's own, where it is harmless.
    let requestID: String?
}
