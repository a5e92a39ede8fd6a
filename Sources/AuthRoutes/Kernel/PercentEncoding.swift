extension String {
    /// The text as the value of an HTTP field, the same for readers of Latin-1 and of UTF-8. Visible ASCII except `%` stays unchanged.
    /// `%` and every other octet of its UTF-8 become `%` and two hexadecimal digits (RFC 3986 §2.1).
    var percentEncoded: String {
        if utf8.allSatisfy(Self.isPlain) { return self }
        var octets: [UInt8] = []
        for octet in utf8 {
            if Self.isPlain(octet) {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "%"), Self.digits[Int(octet >> 4)], Self.digits[Int(octet & 15)]]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ octet: UInt8) -> Bool { (0x21...0x7E).contains(octet) && octet != UInt8(ascii: "%") }
}
