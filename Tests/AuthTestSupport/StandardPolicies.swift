public import AuthCore

extension SessionPolicy {
    /// What tests use if they do not say otherwise.
    public static func standard(
        accessTokenLifetime: Duration = .seconds(3600), idleLifetime: Duration = .seconds(14 * 86_400),
        absoluteLifetime: Duration = .seconds(30 * 86_400), refreshGrace: Duration = .seconds(10),
        refreshRetryWindow: Duration = .seconds(600), sessionsPerUser: Int = 50
    ) -> SessionPolicy {
        SessionPolicy(
            accessTokenLifetime: accessTokenLifetime, idleLifetime: idleLifetime, absoluteLifetime: absoluteLifetime,
            refreshGrace: refreshGrace, refreshRetryWindow: refreshRetryWindow, sessionsPerUser: sessionsPerUser)
    }
}

extension PasswordPolicy {
    public static func standard(minimumLength: Int = 8, minimumStrength: Int = 0) -> PasswordPolicy {
        PasswordPolicy(minimumLength: minimumLength, minimumStrength: minimumStrength)
    }
}

extension AttemptPolicy {
    public static func standard(hourlyPerNetwork: Int = 300) -> AttemptPolicy { AttemptPolicy(hourlyPerNetwork: hourlyPerNetwork) }
}

extension RetentionPolicy {
    public static var standard: RetentionPolicy {
        RetentionPolicy(deadSessions: .seconds(90 * 86_400), auditEvents: .seconds(400 * 86_400))
    }
}
