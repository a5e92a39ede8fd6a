/// Octets that are compared with lower-case ASCII without regard to case.
struct LaneText {
    private let octets: UnsafeRawBufferPointer

    init(_ octets: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.octets = UnsafeRawBufferPointer(rebasing: octets[range])
    }

    static func == (text: LaneText, word: StaticString) -> Bool {
        text.octets.count == word.utf8CodeUnitCount && text.begins(with: word)
    }

    /// Up to seven digits and nothing else.
    var number: Int? {
        guard (1...7).contains(octets.count), octets.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return octets.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Whether it is visible ASCII and spaces, none of them at an end: so every parser reads the same in it.
    var isPlain: Bool { octets.allSatisfy { (0x20...0x7E).contains($0) } && octets.first != 0x20 && octets.last != 0x20 }

    var string: String { String(decoding: octets, as: UTF8.self) }

    func after(_ word: StaticString) -> UnsafeRawBufferPointer? {
        begins(with: word) ? UnsafeRawBufferPointer(rebasing: octets[word.utf8CodeUnitCount...]) : nil
    }

    private func begins(with word: StaticString) -> Bool {
        guard octets.count >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount {
            let octet = octets[index]
            let folded = (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
            if folded != word.utf8Start[index] { return false }
        }
        return true
    }
}
