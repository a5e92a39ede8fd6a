import ArgumentParser
import AuthCore
import FoundationEssentials

extension UserCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List accounts, the newest first.",
            discussion: "The id of the last line is the --after of the next part.")

        @Option(help: "How many: 1 to 1000.") var limit = 50
        @Option(help: "Only accounts that are older than the one with this id.") var after: String?
        @Flag(help: "Print one JSON object for each account, a line each.") var json = false

        func run() async throws {
            let limit = try checkedLimit(limit)
            let last = try after.map { text in
                guard let id = UUID(uuidString: text) else {
                    throw Refusal("--after \(LogEntry.escaped(text)) is not the id of an account")
                }
                return UserID(id)
            }
            let accounts = try await administering { accounts, _ in try await accounts.list(after: last, limit: limit) }
            guard !json else { return try print(lines: accounts.map(AccountLine.init)) }
            if accounts.isEmpty { return AuthCommand.note("There is no account\(last == nil ? " yet" : " that is older").") }
            let rows = accounts.map { account in
                [account.user.id.text, "\(account.user.createdAt)", account.word, LogEntry.escaped(account.user.email)]
            }
            print(([["ID", "CREATED", "STATE", "EMAIL"]] + rows).aligned.joined(separator: "\n"))
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite somebody. The mail has a link with which they make the account. It needs MAIL_URL.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "The language of the mail: \(MailLocale.tags).") var locale: String?

        func run() async throws {
            let (email, locale) = (try emailAddress(email), try mailLocale(locale))
            let isTaken = try await ServerConfiguration.operating(as: "auth-api user invite") { domain, origin in
                if try await domain.accounts.administration.account(email) != nil { return true }
                try await domain.accounts.registration.invite(email, locale: locale, origin: origin)
                return false
            }
            if isTaken { throw Refusal("\(email.canonical) has an account already") }
            print("queued an invitation to \(email.canonical)")
        }
    }
}

/// The number of the option `--limit`.
func checkedLimit(_ limit: Int) throws -> Int {
    guard (1...1000).contains(limit) else { throw Refusal("--limit \(limit) is not a number from 1 to 1000") }
    return limit
}

/// Prints each value as JSON in a line of its own.
func print(lines values: [some Encodable]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for value in values { print(String(decoding: try encoder.encode(value), as: UTF8.self)) }
}
