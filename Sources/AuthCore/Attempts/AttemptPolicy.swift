/// How often an attempt may fail (NIST SP 800-63B §3.2.2).
public struct AttemptPolicy: Sendable {
    /// Attempts that one IPv4 address, or one /64 of IPv6, has in an hour: failed logins, refreshes and client credentials, and
    /// registrations, each kind by itself. A tenth of them may come in one burst. A /56 has four times as many, a /48 sixteen times.
    ///
    /// As many logins of one account from one network may succeed in an hour, a third of them in one burst.
    public var hourlyPerNetwork: Int
    /// Consecutive failed logins of an account that cause no wait.
    public var freeFailures = 5
    /// After the last of these, and twice as long after each further one.
    public var firstDelay: Duration = .seconds(1)
    public var longestDelay: Duration = .seconds(15 * 60)
    /// Consecutive failures after which each wait is ``delayAfterHardStop``. An operator can lift it.
    public var hardStop = 100
    /// It is finite: otherwise a stranger could lock an owner out for ever.
    public var delayAfterHardStop: Duration = .seconds(3600)
    /// How long one failure of an account is remembered. After `n` failures the count is kept `n` times this long, a hundred times
    /// at the most.
    public var memoryPerFailure: Duration = .seconds(86_400)
    /// How long the account knows a network after a login or the registration.
    public var knownNetworkMemory: Duration = .seconds(90 * 86_400)

    public init(hourlyPerNetwork: Int) {
        self.hourlyPerNetwork = hourlyPerNetwork
    }

    /// The time in which one attempt of a network comes back to it.
    public var interval: Duration { .seconds(3600) / hourlyPerNetwork }

    /// How far a network may run ahead of its steady rate: a tenth of the hourly allowance, less the attempt being made.
    public var slack: Duration { interval * (max(1, hourlyPerNetwork / 10) - 1) }

    /// The same for successful logins of one account from one network.
    public var loginSlack: Duration { interval * (max(1, hourlyPerNetwork / 3) - 1) }

    /// The wait after this many consecutive failures.
    public func delay(after failures: Int) -> Duration {
        if failures >= hardStop { return delayAfterHardStop }
        if failures < freeFailures { return .zero }
        return min(longestDelay, firstDelay * (1 << min(30, failures - freeFailures)))
    }
}
