public import AuthCore
public import NIOCore

/// A guarded read that the lane answers: where it is, and what its 200 says beyond what every answer says.
public struct LaneRead: Sendable {
    /// As the route map has it; the request log says so too.
    let path: String
    private let octets: [UInt8]
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
        self.path = path
        octets = Array(path.utf8)
        writeFields = fields
        writeBody = body
    }

    /// Whether this is its path, with or without a slash at the end.
    func has(_ target: UnsafeRawBufferPointer) -> Bool {
        guard target.starts(with: octets) else { return false }
        return target.count == octets.count || target.count == octets.count + 1 && target[octets.count] == UInt8(ascii: "/")
    }
}
