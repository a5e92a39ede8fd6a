extension Slice<UnsafeRawBufferPointer> {
    /// The range without the spaces and tabs around it.
    var trimmed: Range<Int> {
        let isBlank = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return endIndex..<endIndex
        }
        return first..<last + 1
    }

    /// The ranges of the members of a list (RFC 9110 §5.6.1). Empty members are left out.
    var listMembers: some Sequence<Range<Int>> {
        split(separator: UInt8(ascii: ",")).lazy.map(\.trimmed).filter { !$0.isEmpty }
    }
}
