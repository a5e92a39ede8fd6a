/// How long to wait before the next attempt to connect: doubling from 25 ms to 2 s, with jitter, so that many connections
/// do not come back in step, and none comes back late.
struct BackOff {
    private static let first: Duration = .milliseconds(25)
    private static let longest: Duration = .seconds(2)

    private var attempts = 0

    /// - Parameter jitter: from 0 to 1.
    mutating func next(jitter: Double) -> Duration {
        let base = min(Self.first * (1 << min(attempts, 7)), Self.longest)
        attempts += 1
        return base * (0.5 + jitter / 2)
    }

    mutating func reset() {
        attempts = 0
    }
}
