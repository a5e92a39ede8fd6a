import ArgumentParser
package import AuthCore
import AuthPostgres
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve HTTP. This is the default command.")

    func run() async throws { try await serve() }
}

/// Serves until a signal ends it.
///
/// - Parameter replacing: replaces stores by faulty ones, which the prover's own test must find.
package func serve(replacing: @Sendable (inout Stores) -> Void = { _ in }) async throws {
    ReloadService.ignoreSignals()
    let (configuration, logger) = try ServerConfiguration.ofProcess()
    logger.debug("settings", metadata: configuration.texts.mapValues { .string($0) })
    let migrator = try Migrator(configuration.database)
    let isDistributed = try await migrator.prepare(configuration.database, logger: logger)
    await Durability(conninfo: configuration.database.url).warn(logger)
    try await Server(
        configuration, newestMigration: migrator.newest, isDistributed: isDistributed, logger: logger, replacing: replacing
    ).run()
}
