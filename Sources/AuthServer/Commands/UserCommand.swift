import ArgumentParser
import AuthCore
import AuthText

/// Commands on accounts, for operators.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts, by their e-mail address.",
        discussion: "Each change is audited. Run it as the role that owns the tables.",
        subcommands: [
            Show.self, List.self, Invite.self, Unlock.self, Disable.self, Enable.self, Rename.self, Delete.self,
        ])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print what the server knows about an account.")

        @Argument(help: "The e-mail address.") var email: String

        func run() async throws {
            let email = try emailAddress(email)
            let account = try await administering { accounts, _ in try await accounts.account(email) }
            guard let account else { throw Refusal.noAccount(email) }
            print(account.lines)
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow logins to an account again after too many failures. Its sessions are not affected.")

        @Argument(help: "The e-mail address.") var email: String

        func run() async throws {
            let email = try emailAddress(email)
            let isUnlocked = try await ServerConfiguration.operating(as: "auth-api user unlock") { domain, origin in
                try await domain.attempts.unlock(email, origin: origin)
            }
            guard isUnlocked else { throw Refusal("\(email.canonical) is not blocked") }
            print("unlocked \(email.canonical)")
        }
    }
}

func emailAddress(_ text: String) throws -> EmailAddress {
    guard let email = EmailAddress(text, rules: UnicodeTextRules()) else {
        throw Refusal("\(LogEntry.escaped(text)) is not an e-mail address")
    }
    return email
}

func administering<Value: Sendable>(
    _ body: (AccountAdministration, RequestOrigin) async throws -> Value
) async throws -> Value {
    try await ServerConfiguration.operating(as: "auth-api user") { domain, origin in
        try await body(domain.accounts.administration, origin)
    }
}

/// The language of the option `--locale`.
func mailLocale(_ tag: String?) throws -> MailLocale? {
    try tag.map { tag in
        guard let locale = MailLocale(tag: tag) else {
            throw Refusal("--locale \(LogEntry.escaped(tag)) is none of the languages of the mails: \(MailLocale.tags)")
        }
        return locale
    }
}

extension Refusal {
    static func noAccount(_ email: EmailAddress) -> Refusal { Refusal("no account has the address \(email.canonical)") }
}
