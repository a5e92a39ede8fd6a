import AuthCore
import Testing

@testable import AuthCrypto

@Suite struct DigestTests {
    private let cryptography = OpenSSLTokenCryptography()

    /// Computed with Python's hashlib and hmac.
    @Test func `SHA-256 of 32 octets`() throws {
        let zeros = Octets32([UInt8](repeating: 0, count: 32))!
        #expect(try Self.hex(cryptography.sha256(zeros)) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
        let counting = Octets32((0..<32).map { UInt8($0) })!
        #expect(try Self.hex(cryptography.sha256(counting)) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd")
    }

    /// The examples of FIPS 180-4.
    @Test func `SHA-256 of any number of octets`() throws {
        #expect(try Self.hex(cryptography.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(try Self.hex(cryptography.sha256(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `HMAC-SHA-256 of a short, an empty and a long message`() throws {
        let key = Octets32([UInt8](repeating: 0xAA, count: 32))!
        let vectors: [([UInt8], String)] = [
            ([], "63210aee265762634fa3db8c1aa920dcd07d31ec297309580394a21412f83372"),
            (Array("what do ya want for nothing?".utf8), "40f7684c3cbd90ba46f70247ca1d7cc692d673f434b66926a93c7f224ec74a5e"),
            ([UInt8](repeating: 0xDD, count: 200), "e468a850747313e68ebe5acf8549ef109278fc143ee097d03892427175eff725"),
        ]
        for (message, expected) in vectors {
            #expect(try Self.hex(cryptography.hmacSHA256(key: key, message: message)) == expected)
        }
    }

    @Test func `what libcrypto cannot compute is our failure, and never a digest`() {
        // One that does not exist, and one whose digests have another length.
        for name in ["NO-SUCH-DIGEST", "SHA512"] {
            let broken = OpenSSLTokenCryptography(digestName: name)
            let refusal = AuthError.unavailable(cause: "libcrypto computes no \(name)")
            #expect(throws: refusal) { try broken.sha256(Octets32.random()) }
            #expect(throws: refusal) { try broken.sha256([]) }
            #expect(throws: refusal) { try broken.hmacSHA256(key: .random(), message: []) }
        }
    }

    @Test func `callers at the same time get each their own digest`() async throws {
        let values = (0..<64).map { _ in Octets32.random() }
        let expected = try values.map { (try cryptography.sha256($0).array, try cryptography.hmacSHA256(key: $0, message: $0.array).array) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for round in 0..<2000 {
                        let (value, result) = (values[round % 64], expected[round % 64])
                        let digest = try cryptography.sha256(value)
                        let code = try cryptography.hmacSHA256(key: value, message: value.array)
                        #expect(digest.array == result.0 && code.array == result.1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `CR1: comparison in constant time tells every single bit`() {
        let octets = (0..<32).map { UInt8($0) }
        let value = Octets32(octets)!
        #expect(value.equalsInConstantTime(Octets32(octets)!))
        for index in 0..<32 {
            for bit in 0..<8 {
                var changed = octets
                changed[index] ^= 1 << UInt8(bit)
                #expect(!value.equalsInConstantTime(Octets32(changed)!))
            }
        }
    }

    private static func hex(_ octets: Octets32) -> String {
        octets.array.map { octet in (octet < 16 ? "0" : "") + String(octet, radix: 16) }.joined()
    }
}
