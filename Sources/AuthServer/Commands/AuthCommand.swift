package import ArgumentParser
import Configuration
import FoundationEssentials
import Glibc
import Logging

/// The program `auth-api`.
package struct AuthCommand: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "auth-api",
            abstract: "A session-authentication server on PostgreSQL. Environment variables configure it: see `auth-api settings`.",
            discussion: "Exit status: 0 for done, 1 for refused or failed, 64 for wrong arguments.",
            version: ProgramVersion.text,
            subcommands: [
                ServeCommand.self, MigrateCommand.self, ClientCommand.self, UserCommand.self, SessionsCommand.self, MailCommand.self,
                AuditCommand.self, HealthCommand.self, SettingsCommand.self, RoutesCommand.self,
            ],
            defaultSubcommand: ServeCommand.self)
    }

    package init() {}

    /// Runs the command that the arguments name, and ends the process.
    ///
    /// - Parameter commit: the commit that the program was built from.
    package static func start(commit: String) async -> Never {
        ProgramVersion.commit = commit
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if let unknown = UnknownCommand(arguments, of: Self.self) { throw unknown.report() }
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
        } catch {
            exit(withError: error)
        }
        exit(withError: nil)
    }

    /// Writes the reason why a command failed to standard error.
    static func report(_ text: String) { note("Error: \(text)") }

    /// Writes a message for a person to standard error. Standard output is for data that programs read.
    static func note(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

extension ServerConfiguration {
    /// Reads the configuration of this process, starts its log and warns of misspelt variables. Called once.
    ///
    /// - Throws: ``StartFailure`` with every problem.
    static func ofProcess() throws(StartFailure) -> (ServerConfiguration, Logger) {
        let misspelt = MisspeltVariables.warnings(among: ProcessInfo.processInfo.environment.keys)
        let configuration: ServerConfiguration
        do {
            configuration = try load(from: ConfigReader(provider: EnvironmentVariablesProvider()))
        } catch {
            // A required setting may be missing because its name is misspelt.
            throw StartFailure(ConfigurationError(problems: error.problems + misspelt))
        }
        let logger = try configuration.bootstrapLogging()
        misspelt.forEach { logger.warning("\($0)") }
        return (configuration, logger)
    }
}

/// The reason why the process cannot start, in words for its operator.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ cause: any Error) {
        description = "auth-api cannot start: \(cause)"
    }
}
