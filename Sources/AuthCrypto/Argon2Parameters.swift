/// The cost of one Argon2id hash (RFC 9106) with one lane, as libsodium computes it.
public struct Argon2Parameters: Sendable, Hashable {
    /// OWASP's floor for one lane.
    public static let floor = Argon2Parameters(memoryKiB: 19_456, iterations: 2)

    /// The most that a stored hash may cost. A hash that asks for more is refused, because its memory and time are this machine's.
    public static let maximumMemoryKiB = 262_144
    public static let maximumIterations = 16
    /// libsodium's own minimum.
    static let minimumMemoryKiB = 8

    public let memoryKiB: Int
    public let iterations: Int

    /// Takes the parameters m and t of RFC 9106; p is 1.
    public init(memoryKiB: Int, iterations: Int) {
        self.memoryKiB = memoryKiB
        self.iterations = iterations
    }

    /// - Parameter lanes: each needs the minimum of memory.
    func isBearable(lanes: Int) -> Bool {
        (Self.minimumMemoryKiB * lanes...Self.maximumMemoryKiB).contains(memoryKiB) && (1...Self.maximumIterations).contains(iterations)
    }

    /// Whether a guess costs less: memory times passes, as OWASP compares settings. The order is total, so that two instances with
    /// different settings do not replace each other's hashes at every login.
    func isWeaker(than other: Argon2Parameters) -> Bool {
        memoryKiB * iterations < other.memoryKiB * other.iterations
    }
}
