import ArgumentParser
import AuthPostgres
import Logging

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "migrate", abstract: "Bring the database to this release's schema.")

    func run() async throws {
        let (configuration, logger) = try ServerConfiguration.ofProcess()
        let numbers: [Int]
        do {
            numbers = try await Migrator(configuration.database).migrate(distributing: true)
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw StartFailure(Refusal(error, role: .owner))
        }
        logger.info("schema is current", metadata: ["applied": .array(numbers.map { .stringConvertible($0) })])
    }
}
