/// Where something is that the lane answers.
struct LanePath: Sendable {
    /// As the route map has it; the request log says so too.
    let text: String
    private let octets: [UInt8]

    /// - Parameter text: without a slash at the end.
    init(_ text: String) {
        self.text = text
        octets = Array(text.utf8)
    }

    /// Whether the target of a request is this, with or without a slash at the end.
    func matches(_ target: UnsafeRawBufferPointer) -> Bool {
        guard target.starts(with: octets) else { return false }
        return target.count == octets.count || target.count == octets.count + 1 && target[octets.count] == UInt8(ascii: "/")
    }
}
