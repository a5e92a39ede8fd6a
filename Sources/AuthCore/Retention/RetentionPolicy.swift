/// How long what is over stays for audits.
public struct RetentionPolicy: Sendable {
    /// How long the row of a session is kept after the latest time at which the session could have ended.
    public var deadSessions: Duration
    /// How long a volume is kept after its last event was sealed. The database itself keeps every event for 30 days.
    public var auditEvents: Duration

    public init(deadSessions: Duration, auditEvents: Duration) {
        self.deadSessions = deadSessions
        self.auditEvents = auditEvents
    }
}
