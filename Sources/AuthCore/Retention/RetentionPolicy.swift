/// How long what is over stays for audits.
public struct RetentionPolicy: Sendable {
    /// From the longest time that a session could have lived to the removal of its row.
    public var deadSessions: Duration
    /// From the sealing of the last event of a volume to the removal of the volume. The database itself keeps every event for 30 days.
    public var auditEvents: Duration

    public init(deadSessions: Duration, auditEvents: Duration) {
        self.deadSessions = deadSessions
        self.auditEvents = auditEvents
    }
}
