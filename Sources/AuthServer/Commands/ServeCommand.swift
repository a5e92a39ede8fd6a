import ArgumentParser
import AuthPostgres
import Logging
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve HTTP (the default).")

    func run() async throws {
        let configuration = try ServerConfiguration.fromEnvironment()
        let logger = configuration.bootstrapLogging()
        let migrator = try configuration.migrator()
        try await migrator.prepare(configuration, logger: logger)
        try await configuration.serviceGroup(newestMigration: migrator.newest, logger: logger).run()
    }
}
