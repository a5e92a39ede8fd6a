extension Collection<UInt8> {
    /// Whether these are the octets of the word, in upper or lower case.
    ///
    /// - Parameter word: of ASCII, in lower case.
    @inlinable
    public func isWord(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && zip(self, word.octets).allSatisfy { $0.inLowerCase == $1 }
    }

    /// Whether these are the octets of the text.
    @inlinable
    public func isText(_ text: StaticString) -> Bool { elementsEqual(text.octets) }

    /// Whether they begin with the octets of the text.
    @inlinable
    public func begins(with text: StaticString) -> Bool { starts(with: text.octets) }
}

extension BidirectionalCollection<UInt8> {
    /// Without the spaces and tabs around it (OWS, RFC 9110 §5.6.3).
    @inlinable
    public var withoutBlanksAround: SubSequence {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else { return self[endIndex...] }
        return self[first...last]
    }
}

extension UInt8 {
    /// Whether it is a space or a tab.
    @inlinable
    public var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// An ASCII letter in lower case; any other octet unchanged.
    @inlinable
    public var inLowerCase: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

    /// Whether it is an ASCII digit.
    @inlinable
    public var isDigit: Bool { (0x30...0x39).contains(self) }

    /// Whether it is an ASCII letter.
    @inlinable
    public var isLetter: Bool { (0x61...0x7A).contains(inLowerCase) }
}

extension StaticString {
    @inlinable
    var octets: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
