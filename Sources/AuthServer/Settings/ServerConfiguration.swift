import AuthCore
import Configuration

/// Everything that the environment decides, read once.
struct ServerConfiguration: Sendable {
    let environment: Environment
    let database: DatabaseSettings
    let listening: ListeningSettings
    let connections: ConnectionSettings
    let browsers: OriginSettings
    let logging: LoggingSettings
    let sessions: SessionPolicy
    let passwords: PasswordSettings
    let attempts: AttemptPolicy
    /// The `iss` of introspection; `nil` for none.
    let issuer: String?
    let retention: RetentionPolicy
    let mail: MailSettings
    let operations: OperationsSettings
    let registration: RegistrationPolicy
    let tokens: OneTimeTokenPolicy
    /// The texts of all settings except secrets, by their names.
    let texts: [String: String]

    /// Limits and lifetimes of the domain.
    var policies: Policies {
        Policies(
            passwords: passwords.policy, attempts: attempts, sessions: sessions, retention: retention, registration: registration,
            tokens: tokens, mail: mail.policy)
    }

    /// - Throws: ``ConfigurationError`` with every problem.
    static func load(from source: ConfigReader) throws(ConfigurationError) -> ServerConfiguration {
        var reader = SettingReader(source: source)
        let configuration = ServerConfiguration(&reader)
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        return configuration
    }

    /// The order is that of the table of settings.
    init(_ read: inout SettingReader) {
        environment = Environment.read(&read)
        database = DatabaseSettings(&read)
        listening = ListeningSettings(&read)
        connections = ConnectionSettings(&read)
        browsers = OriginSettings(&read)
        logging = LoggingSettings(&read)
        sessions = SessionSettings.policy(&read)
        passwords = PasswordSettings(&read)
        attempts = AttemptSettings.policy(&read)
        issuer = ClientSettings.issuer(&read)
        retention = RetentionSettings.policy(&read)
        mail = MailSettings(&read)
        operations = OperationsSettings(&read)
        (registration, tokens) = AccountSettings.read(&read, mail: mail.policy)
        texts = read.texts
    }
}
