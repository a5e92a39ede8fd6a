import AuthCore
import FoundationEssentials
import Glibc

/// What names one request: what its client chose, or chance.
enum LaneRequestID {
    case theirs(String)
    case ours(UUID)

    var text: String {
        switch self {
        case .theirs(let text): text
        case .ours(let id): id.text
        }
    }
}

/// New request ids, random UUIDs as ``RequestID/fresh()`` makes them, many with one call of the system.
struct FreshRequestIDs {
    /// What `getentropy` gives at one time is 256 octets.
    private static let poolSize = 16

    private var pool: [UUID] = []

    /// - Parameter theirs: what the client chose.
    mutating func next(_ theirs: String? = nil) -> LaneRequestID {
        if let theirs { return .theirs(theirs) }
        if pool.isEmpty { fill() }
        return .ours(pool.popLast() ?? UUID())
    }

    private mutating func fill() {
        withUnsafeTemporaryAllocation(byteCount: Self.poolSize * 16, alignment: 16) { octets in
            guard getentropy(octets.baseAddress!, octets.count) == 0 else { return }
            for index in 0..<Self.poolSize {
                pool.append(UUID(version4: octets.loadUnaligned(fromByteOffset: index * 16, as: uuid_t.self)))
            }
        }
    }
}

extension UUID {
    /// RFC 9562 §5.4: chance, but for version and variant.
    fileprivate init(version4 chance: uuid_t) {
        var octets = chance
        octets.6 = octets.6 & 0x0F | 0x40
        octets.8 = octets.8 & 0x3F | 0x80
        self.init(uuid: octets)
    }
}
