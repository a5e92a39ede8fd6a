/// How many mails are under way, and how long they may take. Nothing waits without end.
public struct SMTPLimits: Sendable {
    /// Connections to the mail server at a time, each with a thread of its own.
    public var connections = 4
    /// Mails that wait for a connection. Further ones are deferred immediately.
    public var waiting = 1000
    /// The name look-up, the connection, the greeting, TLS and AUTH together.
    public var connect: Duration = .seconds(10)
    /// The wait for each answer, in whole seconds.
    public var answer: Duration = .seconds(30)
    /// All of one mail, with the wait for a connection.
    public var whole: Duration = .seconds(60)
    /// How long a connection without a mail is kept.
    public var idle: Duration = .seconds(30)

    /// The usual limits.
    public init() {}
}
