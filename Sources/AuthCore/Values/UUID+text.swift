public import FoundationEssentials

extension UUID {
    /// The canonical text of RFC 9562 §4: lower-case hexadecimal with hyphens.
    public var text: String {
        String(unsafeUninitializedCapacity: Self.textLength) { write(to: $0) }
    }

    public static let textLength = 36

    /// Writes the text's octets.
    ///
    /// - Returns: ``textLength``.
    @discardableResult
    public func write(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var index = 0
        withUnsafeBytes(of: uuid) { octets in
            for place in 0..<16 {
                if place == 4 || place == 6 || place == 8 || place == 10 {
                    text[index] = UInt8(ascii: "-")
                    index += 1
                }
                text[index] = Self.digit(octets[place] >> 4)
                text[index + 1] = Self.digit(octets[place] & 0x0F)
                index += 2
            }
        }
        return index
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
    }
}
