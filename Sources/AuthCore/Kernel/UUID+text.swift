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
        var end = 0
        withUnsafeBytes(of: uuid) { octets in
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[end] = UInt8(ascii: "-")
                    end += 1
                }
                text[end] = Self.digit(octets[index] >> 4)
                text[end + 1] = Self.digit(octets[index] & 0x0F)
                end += 2
            }
        }
        return end
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
    }
}
