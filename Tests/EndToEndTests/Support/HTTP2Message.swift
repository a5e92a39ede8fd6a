/// A request in HTTP/2 without negotiation (RFC 9113 §3.3), whose body is followed by trailers. Fields are literals (RFC 7541 §6.2.2).
struct HTTP2Message {
    private(set) var octets = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private enum Kind: UInt8 { case data = 0, headers = 1, settings = 4 }
    private static let (endStream, endHeaders): (UInt8, UInt8) = (0x1, 0x4)

    init(fields: [(String, String)], body: String, trailers: [(String, String)]) {
        append(.settings, [], stream: 0, flags: 0)
        append(.headers, Self.encoded(fields), stream: 1, flags: Self.endHeaders)
        append(.data, Array(body.utf8), stream: 1, flags: 0)
        append(.headers, Self.encoded(trailers), stream: 1, flags: Self.endHeaders | Self.endStream)
    }

    private mutating func append(_ kind: Kind, _ payload: [UInt8], stream: UInt8, flags: UInt8) {
        let length: [UInt8] = [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        let identifier: [UInt8] = [0, 0, 0, stream]
        octets += length
        octets += [kind.rawValue, flags]
        octets += identifier
        octets += payload
    }

    /// - Precondition: names and values of fewer than 127 octets.
    private static func encoded(_ fields: [(String, String)]) -> [UInt8] {
        var octets: [UInt8] = []
        for (name, value) in fields {
            octets.append(0)
            for text in [name, value] {
                octets.append(UInt8(text.utf8.count))
                octets.append(contentsOf: text.utf8)
            }
        }
        return octets
    }
}
