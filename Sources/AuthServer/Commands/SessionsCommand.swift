import ArgumentParser
import AuthCore
import AuthCrypto
import AuthPostgres

/// The sessions of all accounts.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "The sessions of all accounts.", subcommands: [RevokeAll.self])

    struct RevokeAll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-all",
            abstract: "End every session that was created before a moment: after a restore from a backup, before now.",
            discussion: "Run it under the role that owns the tables: the server's own may not move the mark.")

        @Option(help: "A date and time as RFC 3339 has it, such as 2026-01-31T23:59:59Z, or now.") var before: String

        func run() async throws {
            let moment = before == "now" ? nil : Timestamp(rfc3339: before)
            guard moment != nil || before == "now" else { throw ValidationError("\(before) is neither now nor like 2026-01-31T23:59:59Z") }
            let epoch = try await ServerConfiguration.operating(as: "auth-api sessions revoke-all") { _, database, origin in
                // Where a restore brought it into another cluster the trail goes on there before anything is added to it.
                _ = try await PostgresAuditTrailStore(database: database).seal(limit: 1)
                let store = PostgresEpochStore(database: database)
                return try await GlobalEpoch(store: store, identifiers: IdentifierGenerator(clock: SystemWallClock()))
                    .begin(at: moment, origin: origin)
            }
            guard let epoch else { throw ValidationError("\(before) is in the future: sessions would die as they are created") }
            print("every session created before \(epoch) is dead")
        }
    }
}
