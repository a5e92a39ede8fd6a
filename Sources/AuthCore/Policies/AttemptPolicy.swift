/// How often somebody may be wrong (NIST SP 800-63B §3.2.2).
public struct AttemptPolicy: Sendable {
    /// Attempts that one IPv4 address, or one /64 of IPv6, has in an hour: failed logins, refreshes and client credentials, and
    /// registrations, each for itself. A tenth of them may come at once.
    public var hourlyPerNetwork: Int
    /// Consecutive failed logins of an account that nobody waits for.
    public var freeFailures = 5
    /// After the last of these, and twice as long after each further one.
    public var firstDelay: Duration = .seconds(1)
    public var longestDelay: Duration = .seconds(15 * 60)
    /// Consecutive failures after which nobody may try again until an operator says so.
    public var hardStop = 100
    /// For so long each failure of an account is remembered: one with `n` of them for `n` times as long after the last.
    public var memoryPerFailure: Duration = .seconds(86_400)
    /// For so long after a login a network is one that its account knows.
    public var knownNetworkMemory: Duration = .seconds(90 * 86_400)

    public init(hourlyPerNetwork: Int = 300) {
        self.hourlyPerNetwork = hourlyPerNetwork
    }

    /// The time in which one attempt of a network comes back to it.
    public var interval: Duration { .seconds(3600) / hourlyPerNetwork }

    /// A network may spend its next attempts ahead by so much: all of a tenth of an hour's but the one it is about to make.
    public var slack: Duration { interval * (max(1, hourlyPerNetwork / 10) - 1) }

    /// How long nobody may try after so many consecutive failures; `nil` for good.
    public func delay(after failures: Int) -> Duration? {
        if failures >= hardStop { return nil }
        if failures < freeFailures { return .zero }
        return min(longestDelay, firstDelay * (1 << min(30, failures - freeFailures)))
    }
}
