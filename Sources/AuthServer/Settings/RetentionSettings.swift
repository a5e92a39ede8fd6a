import AuthCore

enum RetentionSettings {
    static let deadSessions = Setting(
        "SESSION_RETENTION", .duration(from: "1s", to: "3650d"), default: "90d",
        "How long the row of an ended session is kept for audits.")
    static let auditEvents = Setting(
        "AUDIT_RETENTION", .duration(from: "30d", to: "3650d"), default: "400d", "How long a row of the audit trail is kept.")

    static func policy(_ read: inout SettingReader) -> RetentionPolicy {
        read.section = "Retention"
        return RetentionPolicy(deadSessions: read(deadSessions), auditEvents: read(auditEvents))
    }
}
