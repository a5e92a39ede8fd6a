import ArgumentParser
import AuthCore

/// The sessions of all accounts.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "The sessions of all accounts.", subcommands: [RevokeAll.self])

    struct RevokeAll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-all",
            abstract: "End every session that was created before a moment: after a restore from a backup, before now.",
            discussion: "Run it as the role that owns the tables. The server's role may not do this.")

        @Option(help: "A date and time as RFC 3339 has it, such as 2026-01-31T23:59:59Z, or now.") var before: String

        func run() async throws {
            let moment = before == "now" ? nil : Timestamp(rfc3339: before)
            guard moment != nil || before == "now" else { throw Refusal("\(before) is neither now nor like 2026-01-31T23:59:59Z") }
            let cutoff = try await ServerConfiguration.operating(as: "auth-api sessions revoke-all") { domain, origin in
                try await domain.sessions.cutoff.move(to: moment, origin: origin)
            }
            guard let cutoff else { throw Refusal("\(before) is in the future: new sessions would end as they are created") }
            print("every session created before \(cutoff) is dead")
        }
    }
}
