import ArgumentParser
import AuthPostgres
import Logging
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve HTTP (the default).")

    func run() async throws { try await serve() }
}

/// Serves until a signal ends it.
///
/// - Parameter alter: what the prover's own test puts wrong, to see that it is found.
package func serve(alter: @Sendable (inout Stores) -> Void = { _ in }) async throws {
    let configuration = try ServerConfiguration.fromEnvironment()
    let logger = try configuration.bootstrapLogging()
    let migrator = try configuration.migrator()
    try await migrator.prepare(configuration, logger: logger)
    await Durability(conninfo: configuration.database.url).warn(logger)
    let database = configuration.postgresDatabase(logger: logger)
    var stores = Stores(database: database)
    alter(&stores)
    let group: ServiceGroup
    do {
        group = try configuration.serviceGroup(database, stores, newestMigration: migrator.newest, logger: logger)
    } catch {
        throw StartFailure(error)
    }
    let signals = await StopSignals()
    let obedience = Task { await signals.obey(stopping: group, logger: logger) }
    defer { obedience.cancel() }
    try await group.run()
}
