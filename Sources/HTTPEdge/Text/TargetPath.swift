/// A path, compared with the octets of request targets.
public struct TargetPath: Sendable {
    /// As the route map has it.
    public let text: String
    @usableFromInline let octets: [UInt8]

    /// - Parameter text: without a slash at the end.
    public init(_ text: String) {
        self.text = text
        octets = Array(text.utf8)
    }

    /// Whether the target of a request is this path or below it, whatever its query.
    public func isPrefix(of target: UnsafeRawBufferPointer) -> Bool {
        guard target.starts(with: octets) else { return false }
        return target.count == octets.count || [UInt8(ascii: "/"), UInt8(ascii: "?")].contains(target[octets.count])
    }

    /// Whether the target of a request is this, with or without a slash at the end.
    @inlinable
    public func matches(_ target: UnsafeRawBufferPointer) -> Bool {
        guard target.starts(with: octets) else { return false }
        return target.count == octets.count || target.count == octets.count + 1 && target[octets.count] == UInt8(ascii: "/")
    }
}
