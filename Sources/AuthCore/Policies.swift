/// Limits and lifetimes that the operator chooses.
public struct Policies: Sendable {
    public var passwords: PasswordPolicy
    public var attempts: AttemptPolicy
    public var sessions: SessionPolicy
    public var retention: RetentionPolicy
    public var registration: RegistrationPolicy
    public var tokens: OneTimeTokenPolicy
    public var mail: MailPolicy

    public init(
        passwords: PasswordPolicy, attempts: AttemptPolicy, sessions: SessionPolicy, retention: RetentionPolicy,
        registration: RegistrationPolicy, tokens: OneTimeTokenPolicy, mail: MailPolicy
    ) {
        self.passwords = passwords
        self.attempts = attempts
        self.sessions = sessions
        self.retention = retention
        self.registration = registration
        self.tokens = tokens
        self.mail = mail
    }
}
