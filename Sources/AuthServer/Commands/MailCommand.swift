import ArgumentParser
import AuthCore
import FoundationEssentials

/// Mails, for operators.
struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Mails: what is queued, what became of it, and the addresses that get none.",
        discussion: "Each change is audited. Run it as the role that owns the tables.",
        subcommands: [List.self, Show.self, Cancel.self, Resend.self, SendTest.self, Bounce.self, Unbounce.self])

    static let states = ["queued", "sending", "sent", "failed", "given_up", "suppressed", "cancelled"]

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List mails, the newest first.")

        @Option(help: "Only mails in this state: \(MailCommand.states.joined(separator: ", ")).") var state: String?
        @Option(help: "How many: 1 to 1000.") var limit = 50
        @Flag(help: "Print one JSON object for each mail, a line each.") var json = false

        func run() async throws {
            let (state, limit) = (self.state, try checkedLimit(limit))
            if let state, !MailCommand.states.contains(where: { known in known.hasSameOctets(as: state) }) {
                throw Refusal("--state \(LogEntry.escaped(state)) is none of \(MailCommand.states.joined(separator: ", "))")
            }
            let mails = try await withMails { mails, _ in try await mails.list(state: state, limit: limit) }
            guard !json else { return try print(lines: mails.map(MailLine.init)) }
            if mails.isEmpty { return AuthCommand.note("There is no mail\(state.map { state in " that is \(state)" } ?? "").") }
            print(([MailRecord.headings] + mails.map(\.row)).aligned.joined(separator: "\n"))
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Do not send a mail that is queued.")

        @Argument(help: "The id of the mail.") var id: String

        func run() async throws {
            let id = try mailID(id)
            let isCancelled = try await withMails { mails, origin in try await mails.cancel(id, origin: origin) }
            guard isCancelled else { throw Refusal("\(id.text) is not queued: see `auth-api mail list --state queued`") }
            print("cancelled \(id.text)")
        }
    }

    struct Resend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queue a finished mail again. It gets new links.")

        @Argument(help: "The id of the mail.") var id: String

        func run() async throws {
            let id = try mailID(id)
            let isQueued = try await withMails { mails, origin in try await mails.resend(id, origin: origin) }
            guard isQueued else { throw Refusal("\(id.text) is not a finished mail: see `auth-api mail list`") }
            print("queued \(id.text)")
        }
    }

    struct Bounce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send no more mails to an address, because they come back or because its reader has complained.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "What the other mail server said.") var reason = "Mails to it came back."

        func run() async throws {
            let (email, reason) = (try emailAddress(email), try checked(reason))
            let isNew = try await withMails { mails, origin in try await mails.suppress(email, reason: reason, origin: origin) }
            guard isNew else { throw Refusal("\(email.canonical) gets no mails already") }
            print("no more mails to \(email.canonical)")
        }
    }

    struct Unbounce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send mails to an address again.")

        @Argument(help: "The e-mail address.") var email: String

        func run() async throws {
            let email = try emailAddress(email)
            let isChanged = try await withMails { mails, origin in try await mails.unsuppress(email, origin: origin) }
            guard isChanged else { throw Refusal("\(email.canonical) is not an address that gets no mails") }
            print("mails to \(email.canonical) are sent again")
        }
    }
}

func mailID(_ text: String) throws -> MailID {
    guard let id = UUID(uuidString: text) else {
        throw Refusal("\(LogEntry.escaped(text)) is not the id of a mail: see `auth-api mail list`")
    }
    return MailID(id)
}

private func withMails<Value: Sendable>(_ body: (MailAdministration, RequestOrigin) async throws -> Value) async throws -> Value {
    try await ServerConfiguration.operating(as: "auth-api mail") { domain, origin in
        try await body(domain.mails.administration, origin)
    }
}
