/// Limits and lifetimes that the operator chooses.
public struct Policies: Sendable {
    public var passwords: PasswordPolicy
    public var attempts: AttemptPolicy
    public var sessions: SessionPolicy
    public var retention: RetentionPolicy

    public init(passwords: PasswordPolicy, attempts: AttemptPolicy, sessions: SessionPolicy, retention: RetentionPolicy) {
        self.passwords = passwords
        self.attempts = attempts
        self.sessions = sessions
        self.retention = retention
    }
}
