import ArgumentParser
import AuthCore
import AuthPostgres

/// The chain of seals over the audit trail.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The audit trail and the chain of seals over it.",
        discussion: "Run it under the role of sql/roles/auditor.sql or the owner's: the server's own may not read the trail.",
        subcommands: [Head.self, Verify.self])

    struct Head: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the last seal. Keep it where nobody of the database can change it.")

        func run() async throws {
            let head = try await ServerConfiguration.operating(as: "auth-api audit head") { _, database, _ in
                try await PostgresAuditTrailStore(database: database).head()
            }
            print(head)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute the chain anew; exit 1 and say where the trail is not what was sealed.")

        @Option(help: "What `auth-api audit head` once printed: the chain must hold that seal.") var head: String?

        func run() async throws {
            let head = try self.head.map { text in
                guard let head = SealHead(text) else { throw ValidationError("\(text) is not what `auth-api audit head` prints") }
                return head
            }
            let report = try await ServerConfiguration.operating(as: "auth-api audit verify") { configuration, database, _ in
                let store = PostgresAuditTrailStore(database: database)
                return try await AuditVerification(store: store, retention: configuration.retention.auditEvents).verify(head: head)
            }
            for finding in report.findings { print(finding) }
            print(report)
            guard report.findings.isEmpty else { throw ExitCode.failure }
        }
    }
}
