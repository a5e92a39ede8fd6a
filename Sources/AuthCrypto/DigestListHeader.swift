/// The first 32 octets of a file of digests, which `script/make-blocklist` writes. Numbers are big-endian:
///
/// | Octets | Meaning |
/// |---|---|
/// | 0 to 7 | `pwblock` and a line feed |
/// | 8 to 11 | the version of this format, 1 |
/// | 12 to 15 | the octets of each digest: 20 for SHA-1, 32 for SHA-256 |
/// | 16 to 23 | how many digests follow, in ascending order and each once |
/// | 24 to 31 | 0 |
struct DigestListHeader: Equatable {
    static let length = 32
    private static let magic = Array("pwblock\n".utf8)
    private static let version: UInt32 = 1

    let algorithm: DigestAlgorithm
    let count: Int
    /// The size of the whole file in octets.
    let fileSize: Int

    /// - Throws: ``PasswordBlocklistProblem`` if the octets are no such header.
    init(_ octets: [UInt8]) throws(PasswordBlocklistProblem) {
        guard octets.count == Self.length, octets.starts(with: Self.magic) else { throw .noList }
        let version = Self.number(octets[8..<12])
        guard version == Self.version else { throw .otherVersion(version) }
        guard let algorithm = DigestAlgorithm(rawValue: Int(Self.number(octets[12..<16]))), octets[24...].allSatisfy({ $0 == 0 }),
            let count = Int(exactly: Self.number(octets[16..<24]))
        else { throw .noList }
        let (size, hasOverflown) = count.multipliedReportingOverflow(by: algorithm.rawValue)
        guard !hasOverflown, size <= Int.max - Self.length else { throw .noList }
        (self.algorithm, self.count, fileSize) = (algorithm, count, Self.length + size)
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// How a password becomes an entry of the list. The raw value is the length of the digest in octets.
enum DigestAlgorithm: Int {
    case sha1 = 20
    case sha256 = 32
}
