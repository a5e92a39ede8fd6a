import Foundation
import Testing

@testable import AuthCrypto

/// The file of digests: what it finds, and what it refuses to be.
@Suite struct DigestListTests {
    private final class File {
        let path = FileManager.default.temporaryDirectory.appending(path: "auth-api-digests-\(UUID().uuidString)").path
        deinit { unlink(path) }

        func write(_ octets: [UInt8]) throws { try Data(octets).write(to: URL(filePath: path)) }

        func write(_ digests: [[UInt8]], _ algorithm: DigestAlgorithm) throws {
            try write(DigestListTests.header(algorithm, count: digests.count) + digests.joined())
        }
    }

    private static func header(
        magic: String = "pwblock\n", version: UInt8 = 1, _ algorithm: DigestAlgorithm, count: Int
    ) -> [UInt8] {
        Array(magic.utf8) + [0, 0, 0, version, 0, 0, 0, UInt8(algorithm.rawValue)] + octets(UInt64(count)) + octets(0)
    }

    private static func octets(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// A digest that begins with the number, and ends with the octet.
    private static func digest(_ number: UInt64, last: UInt8 = 7, _ algorithm: DigestAlgorithm) -> [UInt8] {
        octets(number) + [UInt8](repeating: 0x55, count: algorithm.rawValue - 9) + [last]
    }

    /// Numbers as far apart as digests are, as close together as possible, and with one gap in each size.
    private static let spreads: [[UInt64]] = [
        [], [0], [.max], [1 << 63], [0, .max], [5, 6],
        (0..<1000).map { $0 * (.max / 1000) }, (0..<1000).map { $0 }, (0..<1000).map { .max - 999 + $0 },
        (0..<64).map { 1 << $0 }, (0..<5000).map { $0 * $0 * $0 } + [.max],
    ]

    @Test(arguments: [DigestAlgorithm.sha1, .sha256], spreads)
    func `every entry is found, and none of its neighbours`(_ algorithm: DigestAlgorithm, _ numbers: [UInt64]) throws {
        let file = File()
        try file.write(numbers.map { Self.digest($0, algorithm) }, algorithm)
        let list = try DigestList(path: file.path)
        for number in numbers {
            #expect(list.contains(Self.digest(number, algorithm)))
            // They differ from the entry in their last octet alone.
            #expect(!list.contains(Self.digest(number, last: 6, algorithm)))
            #expect(!list.contains(Self.digest(number, last: 8, algorithm)))
        }
        for octet in [UInt8.min, 0x7F, .max] {
            #expect(!list.contains([UInt8](repeating: octet, count: algorithm.rawValue)))
        }
        #expect(!list.contains([]))
        #expect(list.header.count == numbers.count)
    }

    @Test func `entries that begin alike are found too`() throws {
        let digests = (0...255).map { Self.digest(9, last: $0, .sha1) }
        let file = File()
        try file.write(digests, .sha1)
        let list = try DigestList(path: file.path)
        for digest in digests { #expect(list.contains(digest)) }
        #expect(!list.contains(Self.digest(8, .sha1)) && !list.contains(Self.digest(10, .sha1)))
    }

    @Test func `a list of many digests finds each of them and none of others`() throws {
        var random = SystemRandomNumberGenerator()
        let numbers = Set((0..<200_000).map { _ in random.next() as UInt64 })
        let file = File()
        try file.write(numbers.sorted().map { Self.digest($0, .sha1) }, .sha1)
        let list = try DigestList(path: file.path)
        #expect(numbers.allSatisfy { list.contains(Self.digest($0, .sha1)) })
        #expect(numbers.allSatisfy { numbers.contains($0 &+ 1) || !list.contains(Self.digest($0 &+ 1, .sha1)) })
    }

    @Test func `a file that is no list is refused with what is wrong`() throws {
        let file = File()
        func problem() -> PasswordBlocklistProblem? {
            do throws(PasswordBlocklistProblem) {
                _ = try DigestList(path: file.path)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem() == .absent)
        let entries = Array((1...3).map { Self.digest($0, .sha1) }.joined())
        let right = Self.header(.sha1, count: 3) + entries
        try file.write(right)
        #expect(problem() == nil)
        for (octets, expected) in [
            ([], .noList), (Array("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r\n".utf8), .noList),
            (Array(right.prefix(31)), .noList), (Self.header(magic: "pwblock\r", .sha1, count: 3) + entries, .noList),
            (Self.header(version: 2, .sha1, count: 3) + entries, .otherVersion(2)),
            (Array(right.dropLast()), .otherSize(91, than: 92)), (right + [0], .otherSize(93, than: 92)),
            (Self.header(.sha256, count: 3) + entries, .otherSize(92, than: 128)),
            (Self.header(.sha1, count: .max) + entries, .noList), (Self.header(.sha1, count: 0) + entries, .otherSize(92, than: 32)),
            (Self.header(.sha1, count: 2) + Self.digest(2, .sha1) + Self.digest(1, .sha1), .unsorted),
            (Self.header(.sha1, count: 2) + Self.digest(2, .sha1) + Self.digest(2, .sha1), .unsorted),
        ] as [([UInt8], PasswordBlocklistProblem)] {
            try file.write(octets)
            #expect(problem() == expected)
        }
        var otherLength = right
        otherLength[15] = 16
        try file.write(otherLength)
        #expect(problem() == .noList)
        // A list in the order of how often the passwords were stolen.
        try file.write((0..<5000).map { Self.digest($0 &* 0x9E37_79B9_7F4A_7C15, .sha1) }, .sha1)
        #expect(problem() == .unsorted)
        #expect(throws: PasswordBlocklistProblem.noFile) { try DigestList(path: "/tmp") }
    }

    @Test func `a pipe is refused, and not waited for`() throws {
        let file = File()
        #expect(mkfifo(file.path, 0o600) == 0)
        #expect(throws: PasswordBlocklistProblem.noFile) { try DigestList(path: file.path) }
    }

    @Test func `a password is looked up by the digest of its UTF-8, whichever kind the list has`() throws {
        // FIPS 180-4: "abc".
        for (algorithm, text) in [
            (DigestAlgorithm.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let digest = stride(from: 0, to: text.count, by: 2).map { UInt8(text.dropFirst($0).prefix(2), radix: 16)! }
            #expect(algorithm.digest(of: "abc") == digest)
            let file = File()
            try file.write([digest], algorithm)
            let list = try PasswordBlocklistFile(path: file.path)
            #expect(try list.contains("abc") && !list.contains("abd") && !list.contains(""))
        }
    }

    @Test func `a list is replaced by a rename, and stays in use if the new file is no list`() throws {
        let (file, other) = (File(), File())
        let digests = ["first", "second"].map { DigestAlgorithm.sha1.digest(of: $0)! }
        try file.write([digests[0]], .sha1)
        let list = try PasswordBlocklistFile(path: file.path)
        try other.write(Array("nothing".utf8))
        rename(other.path, file.path)
        #expect(throws: PasswordBlocklistProblem.noList) { try list.reload() }
        #expect(try list.contains("first"))
        try other.write([digests[1]], .sha1)
        rename(other.path, file.path)
        #expect(try list.contains("first") && !list.contains("second"))
        try list.reload()
        #expect(try !list.contains("first") && list.contains("second"))
    }
}
