import ArgumentParser
import AuthCore
import AuthCrypto
import AuthPostgres
import AuthText

/// Accounts, at an operator's hand.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts.", subcommands: [Unlock.self])

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an account be logged in to again after too many failures. Its sessions were never touched.")

        @Argument(help: "The e-mail address.") var email: String

        func run() async throws {
            guard let email = EmailAddress(email, rules: UnicodeTextRules()) else { throw ValidationError("\(email) is no e-mail address") }
            let isUnlocked = try await ServerConfiguration.operating(as: "auth-api user") { configuration, database, origin in
                let limits = AttemptLimits(
                    store: PostgresAttemptStore(database: database), identifiers: IdentifierGenerator(clock: SystemWallClock()),
                    policy: configuration.attempts)
                return try await limits.unlock(email, origin: origin)
            }
            guard isUnlocked else { throw ValidationError("\(email.canonical) is not blocked") }
            print("unlocked \(email.canonical)")
        }
    }
}
