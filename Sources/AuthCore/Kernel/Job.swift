/// Work in the background that the server repeats until it stops.
public struct Job: Sendable {
    /// Waits between two steps of a round. Its argument is the time that the step took.
    public typealias Rest = (Duration) async throws -> Void
    /// Does what is due, in short steps with a rest after each.
    ///
    /// - Throws: any error, which is logged, or what the rest throws when the server stops.
    public typealias Round = @Sendable (_ rest: Rest) async throws -> Outcome

    /// What a stop does to a round that is under way.
    public enum Stop: Sendable {
        /// The stop cancels it. The next start continues the work.
        case cancels
        /// The stop waits for it. When all requests are served, one more round follows.
        case completes
    }

    /// What a round leaves behind.
    public struct Outcome: Sendable {
        /// The time to the next round; `nil` means the interval of the job.
        public var pause: Duration?
        /// For the log; `nil` if there is nothing to say.
        public var notice: Notice?

        /// Without arguments: the interval, and nothing to log.
        public init(pause: Duration? = nil, notice: Notice? = nil) {
            (self.pause, self.notice) = (pause, notice)
        }
    }

    /// A line of the log.
    public struct Notice: Sendable {
        /// The levels of the log that jobs need.
        public enum Level: String, Sendable { case debug, info, error }

        public let level: Level
        public let text: String
        public let values: [String: any CustomStringConvertible & Sendable]

        /// - Parameter values: fields of the line, by their names.
        public init(_ level: Level, _ text: String, _ values: [String: any CustomStringConvertible & Sendable]) {
            (self.level, self.text, self.values) = (level, text, values)
        }
    }

    /// Says when the work is late.
    public struct Lag: Sendable {
        /// The check follows every so many rounds.
        public let rounds: Int
        /// The result is the line for the log; `nil` if the work is not late, or if that cannot be found out.
        public let check: @Sendable () async -> Notice?

        /// - Parameter rounds: the check follows every so many rounds.
        public init(everyRounds rounds: Int, check: @escaping @Sendable () async -> Notice?) {
            (self.rounds, self.check) = (rounds, check)
        }
    }

    /// One word, for the log.
    public let name: String
    /// From the end of a round to the next.
    public let interval: Duration
    /// The line of the log if a round fails.
    public let failure: String
    public let round: Round
    /// From the start of the server to the first round; `nil` means the interval.
    public var firstPause: Duration?
    /// From a round that failed to the next; `nil` means the interval.
    public var pauseAfterFailure: Duration?
    /// A step is followed by a rest this many times as long, so that requests find the processors and the database free.
    public var restPerStep = 0
    public var shortestRest: Duration = .zero
    public var stop = Stop.cancels
    public var lag: Lag?

    /// - Parameters:
    ///   - name: one word, for the log.
    ///   - interval: from the end of a round to the next.
    ///   - failure: the line of the log if a round fails.
    public init(_ name: String, every interval: Duration, failure: String, round: @escaping Round) {
        (self.name, self.interval, self.failure, self.round) = (name, interval, failure, round)
    }
}
