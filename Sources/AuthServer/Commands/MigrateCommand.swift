import ArgumentParser
import AuthPostgres
import Logging

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "migrate", abstract: "Bring the database to this release's schema.")

    func run() async throws {
        let configuration = try ServerConfiguration.fromEnvironment()
        let logger = try configuration.bootstrapLogging()
        let numbers = try await StartFailure.explaining { try await configuration.migrator().migrate() }
        logger.info("schema is current", metadata: ["applied": "\(numbers)"])
    }
}
