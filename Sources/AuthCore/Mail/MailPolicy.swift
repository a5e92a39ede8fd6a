/// How the service sends mails.
public struct MailPolicy: Sendable {
    /// Whether there is a way to send mails. Without one nothing is queued, and what needs a mail is refused.
    public var isOn: Bool
    /// The name of the service that people know.
    public var service: String
    /// Links begin with it: scheme, host and perhaps a port, without a path and a slash at the end. Nothing in a request changes it.
    public var publicURL: String
    /// How long a mail is tried (the delays double from one to the next).
    public static let longestRetry: Duration = .seconds(24 * 3600)
    public var firstDelay: Duration = .seconds(30)
    public var longestDelay: Duration = .seconds(2 * 3600)
    /// How long an instance may work at one mail. After that another instance may take the mail over, so it is longer than the mail server's
    /// deadlines.
    public var lease: Duration = .seconds(180)
    /// How long the rows of mails are kept after they were sent.
    public var retention: Duration = .seconds(30 * 86_400)

    /// - Parameter publicURL: scheme and host, without a slash at the end.
    public init(isOn: Bool, service: String, publicURL: String) {
        self.isOn = isOn
        self.service = service
        self.publicURL = publicURL
    }

    /// The pause after this many attempts that failed.
    func delay(after attempts: Int) -> Duration {
        min(longestDelay, firstDelay * (1 << min(20, max(0, attempts - 1))))
    }
}

/// How often mails to one address may be asked for.
public enum MailBudget {
    /// So many within ``short``. The table has the same numbers.
    public static let perShort = 3
    public static let short: Duration = .seconds(15 * 60)
    /// So many within ``long``.
    public static let perLong = 10
    public static let long: Duration = .seconds(86_400)
}
