/// How long what is over stays for audits.
public struct RetentionPolicy: Sendable {
    /// From the end of a session to the removal of its row.
    public var deadSessions: Duration
    /// From an event to the removal of its row. The database itself keeps every row for 30 days.
    public var auditEvents: Duration

    public init(deadSessions: Duration, auditEvents: Duration) {
        self.deadSessions = deadSessions
        self.auditEvents = auditEvents
    }
}
