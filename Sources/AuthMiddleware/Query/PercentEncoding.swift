import HTTPEdge

/// Percent-encoding (RFC 3986 §2.1), octet by octet.
public enum PercentEncoding {
    /// - Parameter plusIsSpace: whether `+` means a space, as in forms and queries.
    /// - Returns: `nil` if two hexadecimal digits do not follow a `%`.
    static func decode(_ octets: some Sequence<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = octets.makeIterator()
        while let octet = rest.next() {
            switch octet {
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexadecimalValue, let low = rest.next()?.hexadecimalValue else { return nil }
                decoded.append(high << 4 | low)
            default: decoded.append(octet)
            }
        }
        return decoded
    }

    /// The decoded segment of a path; `nil` if it is malformed or not UTF-8.
    public static func text(ofSegment segment: String) -> String? {
        decode(segment.utf8, plusIsSpace: false).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
