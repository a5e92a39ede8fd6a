/// The cost of one Argon2id hash (RFC 9106) with one lane, as libsodium computes it.
public struct Argon2Parameters: Sendable, Hashable {
    /// OWASP's floor for one lane.
    public static let floor = Argon2Parameters(memoryKiB: 19_456, iterations: 2)

    /// What a stored hash may ask for before it is taken for poisoned: memory and time are this machine's.
    static let maximumMemoryKiB = 262_144
    static let maximumIterations = 16
    /// libsodium's own minimum.
    static let minimumMemoryKiB = 8

    public let memoryKiB: Int
    public let iterations: Int

    public init(memoryKiB: Int, iterations: Int) {
        self.memoryKiB = memoryKiB
        self.iterations = iterations
    }

    var isBearable: Bool {
        (Self.minimumMemoryKiB...Self.maximumMemoryKiB).contains(memoryKiB) && (1...Self.maximumIterations).contains(iterations)
    }

    /// Whether either cost lies below the other's.
    func isWeaker(than other: Argon2Parameters) -> Bool {
        memoryKiB < other.memoryKiB || iterations < other.iterations
    }
}
