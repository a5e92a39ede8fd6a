/// Base 64 with the URL-safe alphabet and no padding (RFC 4648 §5), canonical in both directions.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func encode(_ octets: [UInt8]) -> String {
        let count = encodedCount(octets.count)
        return String(unsafeUninitializedCapacity: count) { output in
            var bits: UInt32 = 0
            var bitCount = 0
            var index = 0
            for octet in octets {
                bits = bits << 8 | UInt32(octet)
                bitCount += 8
                while bitCount >= 6 {
                    bitCount -= 6
                    output[index] = alphabet[Int(bits >> UInt32(bitCount) & 0x3F)]
                    index += 1
                }
            }
            if bitCount > 0 {
                output[index] = alphabet[Int(bits << UInt32(6 - bitCount) & 0x3F)]
            }
            return count
        }
    }

    /// `nil` for anything but the one encoding of some octets: see ``decode(_:into:)``.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        let (text, count) = (Array(text), text.count * 3 / 4)
        var octets = [UInt8](repeating: 0, count: count)
        let isCanonical = text.withUnsafeBytes { text in octets.withUnsafeMutableBytes { decode(text, into: $0) } }
        return isCanonical ? octets : nil
    }

    /// `false` for anything but the one encoding of as many octets: a foreign character, padding, or bits left over that are not
    /// zero.
    static func decode(_ text: UnsafeRawBufferPointer, into octets: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == encodedCount(octets.count) else { return false }
        var bits: UInt32 = 0
        var bitCount = 0
        var index = 0
        for character in text {
            let value = values[Int(character)]
            guard value != 0xFF else { return false }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                octets[index] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
                index += 1
            }
        }
        return bits & (1 << UInt32(bitCount) - 1) == 0
    }

    static func encodedCount(_ octetCount: Int) -> Int {
        (octetCount * 8 + 5) / 6
    }
}
