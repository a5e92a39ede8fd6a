import ArgumentParser
import AuthCore

/// The chains of the audit trail.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The audit trail and its chains of hashes.",
        discussion: "Run it as the role of sql/roles/auditor.sql or as the owner of the tables: the server's role may not read the trail.",
        subcommands: [Head.self, Verify.self])

    struct Head: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print one hash over the ends of all chains. Keep it outside the database.")

        func run() async throws {
            let head = try await ServerConfiguration.operating(as: "auth-api audit head", role: .auditor) { domain, _ in
                try await domain.audit.head()
            }
            print(head)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute all chains again, and print where the trail differs from what was sealed.",
            discussion: "Exit status: 0 if the trail is intact, 1 if it is not, 2 if it could not be verified.")

        /// The exit status if the trail could not be verified.
        private static let couldNotVerify = ExitCode(2)

        @Option(help: "An earlier output of `auth-api audit head`. The chains must hold this head.") var head: String?

        func run() async throws {
            let report: AuditVerification.Report
            do {
                report = try await verified()
            } catch {
                AuthCommand.report("the trail was not verified: \(error)")
                throw Self.couldNotVerify
            }
            for finding in report.findings { print(finding) }
            print(report)
            guard report.findings.isEmpty else { throw ExitCode.failure }
        }

        private func verified() async throws -> AuditVerification.Report {
            let head = try self.head.map { text in
                guard let head = SealHead(text) else { throw Refusal("\(text) is not what `auth-api audit head` prints") }
                return head
            }
            return try await ServerConfiguration.operating(as: "auth-api audit verify", role: .auditor) { domain, _ in
                try await domain.audit.verify(head: head)
            }
        }
    }
}
