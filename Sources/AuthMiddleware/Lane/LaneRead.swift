public import AuthCore
public import NIOCore

/// A guarded read that the lane answers: where it is, and what its 200 says beyond what every answer says.
public struct LaneRead: Sendable {
    let path: LanePath
    let writeFields: @Sendable (AuthenticatedSession, inout ByteBuffer) -> Void
    let writeBody: @Sendable (AuthenticatedSession, inout ByteBuffer) -> Void

    /// - Parameters:
    ///   - path: without a slash at the end.
    ///   - fields: writes header fields, each with its line end.
    ///   - body: writes the body.
    public init(
        path: String, fields: @escaping @Sendable (AuthenticatedSession, inout ByteBuffer) -> Void,
        body: @escaping @Sendable (AuthenticatedSession, inout ByteBuffer) -> Void
    ) {
        self.path = LanePath(path)
        writeFields = fields
        writeBody = body
    }
}
