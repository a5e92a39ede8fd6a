/// How the servers under proof are set up, and how late what a client gave up may still be carried out.
package struct Rules: Sendable {
    package var refreshGrace: Duration = .seconds(6)
    package var refreshRetryWindow: Duration = .seconds(12)
    package var accessTokenLifetime: Duration = .seconds(20)
    /// A request is answered, if only with 503, within 1.9 s; what it sent to PostgreSQL by then may be a little longer under way.
    package var promptness: Duration = .milliseconds(2200)
    /// The same where something stood still meanwhile.
    package var lateness: Duration = .seconds(6)
    /// Two clocks of one machine: a step of the wall clock may be smoothed.
    package var tolerance: Duration = .milliseconds(50)
    /// In this time the use of a token is written down, unless something is wrong meanwhile.
    package var recording: Duration = .seconds(4)
    /// After this time whoever asks has an answer, unless something is wrong meanwhile.
    package var answering: Duration = .milliseconds(3500)
    /// When a server or PostgreSQL stood still.
    package var freezes: [Range<Duration>] = []
    /// When anything was wrong, that included.
    package var disturbances: [Range<Duration>] = []

    package init() {}

    /// For the servers. Sessions outlive the run, and no account has too many.
    var settings: [String: String] {
        [
            "REFRESH_GRACE": "\(refreshGrace.milliseconds)ms", "REFRESH_RETRY_WINDOW": "\(refreshRetryWindow.milliseconds)ms",
            "ACCESS_TOKEN_TTL": "\(accessTokenLifetime.milliseconds)ms", "SESSIONS_PER_USER": "1000", "ARGON2_SLOTS": "1",
            "LOG_LEVEL": "debug",
        ]
    }

    /// Whether anything was wrong in this time, or shortly before it, since what was broken takes a moment to mend.
    func isDisturbed(_ period: ClosedRange<Duration>) -> Bool {
        disturbances.contains { $0.lowerBound <= period.upperBound && period.lowerBound <= $0.upperBound + promptness }
    }

    /// When an operation whose outcome is unknown has taken effect, if it ever does.
    func latestEffect(of operation: Operation) -> Duration {
        let prompt = operation.start + promptness
        let isDisturbed = freezes.contains { $0.lowerBound < prompt && operation.start < $0.upperBound }
        return isDisturbed ? operation.start + lateness : prompt
    }
}
