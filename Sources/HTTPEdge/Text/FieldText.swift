/// The octets of a field name or value, compared with lower-case ASCII without regard to case.
public struct FieldText {
    @usableFromInline let octets: UnsafeRawBufferPointer

    /// - Parameter range: the part of the octets.
    @inlinable
    public init(_ octets: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.octets = UnsafeRawBufferPointer(rebasing: octets[range])
    }

    @inlinable
    public static func == (text: FieldText, word: StaticString) -> Bool {
        text.octets.count == word.utf8CodeUnitCount && text.begins(with: word)
    }

    /// The value of up to seven digits; `nil` for anything else.
    @inlinable
    public var number: Int? {
        guard (1...7).contains(octets.count), octets.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return octets.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Whether it is visible ASCII and inner spaces, which all parsers read the same way.
    @inlinable
    public var isPlain: Bool { octets.allSatisfy { (0x20...0x7E).contains($0) } && octets.first != 0x20 && octets.last != 0x20 }

    @inlinable
    public var string: String { String(decoding: octets, as: UTF8.self) }

    /// The octets after the word; `nil` if they do not begin with it.
    @inlinable
    public func after(_ word: StaticString) -> UnsafeRawBufferPointer? {
        begins(with: word) ? UnsafeRawBufferPointer(rebasing: octets[word.utf8CodeUnitCount...]) : nil
    }

    @inlinable
    func begins(with word: StaticString) -> Bool {
        guard octets.count >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount {
            let octet = octets[index]
            let folded = (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
            if folded != word.utf8Start[index] { return false }
        }
        return true
    }
}
