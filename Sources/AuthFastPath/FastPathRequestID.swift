import AuthCore
import FoundationEssentials
import Glibc

/// The id of one request.
enum FastPathRequestID {
    /// The client chose it.
    case client(String)
    /// A random one.
    case fresh(UUID)

    var text: String {
        switch self {
        case .client(let text): text
        case .fresh(let id): id.text
        }
    }
}

/// Makes request ids: random UUIDs like those of ``RequestID/fresh()``, many with one system call.
struct FreshRequestIDs {
    /// `getentropy` gives at most 256 octets at a time.
    private static let poolSize = 16

    private var pool: [UUID] = []

    /// - Parameter chosen: the id that the client chose.
    mutating func next(_ chosen: String? = nil) -> FastPathRequestID {
        if let chosen { return .client(chosen) }
        if pool.isEmpty { fill() }
        return .fresh(pool.popLast() ?? UUID())
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
    /// RFC 9562 §5.4: random except for version and variant.
    fileprivate init(version4 random: uuid_t) {
        var octets = random
        octets.6 = octets.6 & 0x0F | 0x40
        octets.8 = octets.8 & 0x3F | 0x80
        self.init(uuid: octets)
    }
}
