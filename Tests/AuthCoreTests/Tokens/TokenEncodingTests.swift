import Testing

@testable import AuthCore

@Suite struct TokenEncodingTests {
    @Test func `the checksum has the check value of CRC-32/ISO-HDLC`() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    /// RFC 4648 §10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func `base64url is that of RFC 4648`(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test func `every octet survives, with the URL-safe alphabet`() {
        let octets = (0...255).map { UInt8($0) }
        let text = Base64URL.encode(octets)
        #expect(Base64URL.decode(text.utf8) == octets)
        #expect(!text.contains { "+/=".contains($0) })
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    }

    @Test(arguments: ["Zg==", "Zh", "Zm9", "Z", "Zm9vY", "Zm+v", "Zm/v", "Zm 9", "Zm9v\n", "Zm9\u{00E9}"])
    func `SE3: no second text stands for the same octets`(_ text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
