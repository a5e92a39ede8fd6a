import Glibc

/// A file of digests in ascending order, mapped read-only. It is searched where it lies, so it takes no memory of the process.
///
/// A rename may replace the file. But if a program shortens it in place, the next look-up ends this process (SIGBUS).
// Unchecked: nobody writes to the mapping, and it lives as long as the object.
final class DigestList: @unchecked Sendable {
    let header: DigestListHeader
    private let file: UnsafeMutableRawPointer

    /// - Throws: ``PasswordBlocklistProblem`` if the file is not a whole list.
    init(path: String) throws(PasswordBlocklistProblem) {
        // Without O_NONBLOCK the opening of a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw [ENOENT, ENOTDIR].contains(errno) ? .absent : .unreadable }
        defer { close(descriptor) }
        header = try Self.header(of: descriptor)
        guard let file = mmap(nil, header.fileSize, PROT_READ, MAP_SHARED, descriptor, 0), file != MAP_FAILED else { throw .unreadable }
        self.file = file
        // Without this the kernel reads many pages around each one that a look-up needs.
        madvise(file, header.fileSize, MADV_RANDOM)
        guard isProbablySorted else { throw .unsorted }
    }

    deinit { munmap(file, header.fileSize) }

    private static func header(of descriptor: CInt) throws(PasswordBlocklistProblem) -> DigestListHeader {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .noFile }
        var octets = [UInt8](repeating: 0, count: DigestListHeader.length)
        guard pread(descriptor, &octets, octets.count, 0) == octets.count else { throw .noList }
        let header = try DigestListHeader(octets)
        guard Int(status.st_size) == header.fileSize else { throw .otherSize(Int(status.st_size), than: header.fileSize) }
        return header
    }

    /// Whether the list has the digest. Digests are spread evenly, so guessing the place (interpolation) finds one of a thousand million
    /// in about five steps. For any other file it bisects after that, so that it always ends after about log2 n steps.
    func contains(_ digest: [UInt8]) -> Bool {
        guard digest.count == length else { return false }
        return digest.withUnsafeBytes { digest in contains(digest.baseAddress!) }
    }

    private func contains(_ digest: UnsafeRawPointer) -> Bool {
        let wanted = Self.prefix(of: digest)
        var places = 0..<header.count
        // Of the digests on both sides of the places.
        var (low, high) = (UInt64.min, UInt64.max)
        var guesses = 0
        while !places.isEmpty {
            let isGuess = guesses < Self.maximumGuesses && low < high
            guesses += 1
            let place = isGuess ? Self.guess(wanted, in: places, from: low, to: high) : places.lowerBound + places.count / 2
            let entry = entry(place)
            let order = memcmp(entry, digest, length)
            if order == 0 { return true }
            if order < 0 {
                (places, low) = (place + 1..<places.upperBound, Self.prefix(of: entry))
            } else {
                (places, high) = (places.lowerBound..<place, Self.prefix(of: entry))
            }
        }
        return false
    }

    private static let maximumGuesses = 8

    /// The place of a digest if all between `low` and `high` were equally far apart. `wanted` is between them.
    private static func guess(_ wanted: UInt64, in places: Range<Int>, from low: UInt64, to high: UInt64) -> Int {
        let product = (wanted - low).multipliedFullWidth(by: UInt64(places.count - 1))
        return places.lowerBound + Int((high - low).dividingFullWidth(product).quotient)
    }

    /// The first eight octets as a number, which orders digests as their octets do.
    private static func prefix(of digest: UnsafeRawPointer) -> UInt64 {
        UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self))
    }

    private var length: Int { header.algorithm.rawValue }

    private func entry(_ place: Int) -> UnsafeRawPointer { UnsafeRawPointer(file) + DigestListHeader.length + place * length }

    /// Whether some entries, from the first to the last, are in ascending order. A list in another order has no chance to pass, but a
    /// list with few misplaced entries may.
    private var isProbablySorted: Bool {
        guard header.count > 1 else { return true }
        let last = header.count - 1
        let places = stride(from: 0, to: last, by: max(1, last / Self.samples)) + [last]
        return zip(places, places.dropFirst()).allSatisfy { memcmp(entry($0), entry($1), length) < 0 }
    }

    private static let samples = 256
}
