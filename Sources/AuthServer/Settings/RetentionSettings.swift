import AuthCore

enum RetentionSettings {
    static let deadSessions = Setting(
        "SESSION_RETENTION", .duration(from: "1s", to: "3650d"), default: "90d",
        "How long the row of a session is kept after the end of SESSION_ABSOLUTE_TTL, even if the session ended earlier.")
    static let auditEvents = Setting(
        "AUDIT_RETENTION", .duration(from: "30d", to: "3650d"), default: "400d",
        "How long an event of the audit trail is kept. It may stay a sixteenth of this longer.")

    static func policy(_ read: inout SettingReader) -> RetentionPolicy {
        read.section = "Retention"
        return RetentionPolicy(deadSessions: read(deadSessions), auditEvents: read(auditEvents))
    }
}
