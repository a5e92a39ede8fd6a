package import ArgumentParser
import Configuration
import FoundationEssentials
import Glibc

/// The program `auth-api`.
package struct AuthCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "auth-api",
        abstract: "A session-authentication server on PostgreSQL. Configured by environment variables: see .env.example.",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, ClientCommand.self, UserCommand.self, SessionsCommand.self, AuditCommand.self,
            HealthCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    package init() {}
}

extension ServerConfiguration {
    /// The configuration of this process. What is wrong with it goes to standard error, and the process ends.
    static func fromEnvironment() throws -> ServerConfiguration {
        do {
            return try load(from: ConfigReader(provider: EnvironmentVariablesProvider()))
        } catch {
            throw StartFailure(error)
        }
    }
}

/// Why the process cannot do what it was started for, in words for its operator.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ cause: any Error) {
        description = "auth-api cannot start: \(cause)"
    }
}
