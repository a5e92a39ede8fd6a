import ArgumentParser
import AuthCore

extension UserCommand {
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "End all sessions of an account for good, and refuse logins until it is enabled. Its owner gets a mail with the reason.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "Why, for the audit trail and for the owner.") var reason: String
        @Option(name: .customLong("for"), help: "How long, such as 12h or 30d. Without it, until `auth-api user enable`.")
        var duration: String?

        private static let longest: Duration = .seconds(3650 * 86_400)

        func run() async throws {
            let (email, reason) = (try emailAddress(email), try checked(reason))
            let duration = try duration.map { text in
                guard let duration = Duration(settingText: text), duration > .zero, duration <= Self.longest else {
                    throw Refusal("--for \(LogEntry.escaped(text)) is not a duration from 1s to 3650d, such as 12h or 30d")
                }
                return duration
            }
            let outcome = try await administering { accounts, origin in
                try await accounts.disable(email, for: duration, reason: reason, origin: origin)
            }
            try outcome.report("disabled", email, otherwise: "is disabled already")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow logins to a disabled account again. Its earlier sessions stay ended.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "Why, for the audit trail.") var reason: String

        func run() async throws {
            let (email, reason) = (try emailAddress(email), try checked(reason))
            let outcome = try await administering { accounts, origin in
                try await accounts.enable(email, reason: reason, origin: origin)
            }
            try outcome.report("enabled", email, otherwise: "is not disabled")
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an account another e-mail address. Its sessions go on.")

        @Argument(help: "The present address.") var email: String
        @Argument(help: "The new address.") var newEmail: String
        @Option(help: "Why, for the audit trail.") var reason: String?

        func run() async throws {
            let (email, newEmail, reason) = (try emailAddress(email), try emailAddress(newEmail), try reason.map(checked))
            let outcome = try await administering { accounts, origin in
                try await accounts.rename(email, to: newEmail, reason: reason, origin: origin)
            }
            try outcome.report("renamed", email, otherwise: "keeps its address: another account has \(newEmail.canonical)")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase an account at once: its rows, what is known of its address, and its personal fields in the audit trail.",
            discussion: """
                Nobody can restore it, and no mail tells its owner. The events stay without the address, the IP address, the client and the \
                details, and `auth-api audit verify` still verifies them. If the command is interrupted, the server does the rest.
                """)

        @Argument(help: "The e-mail address.") var email: String

        func run() async throws {
            let email = try emailAddress(email)
            let isErased = try await ServerConfiguration.operating(as: "auth-api user delete") { domain, _ in
                try await domain.deletion.erasure.erase(email)
            }
            guard isErased else { throw Refusal.noAccount(email) }
            print("deleted \(email.canonical)")
        }
    }
}

private let longestReason = 500

/// A reason for the audit trail: one line of visible text.
func checked(_ reason: String) throws -> String {
    guard VisibleText.isShown(reason), !reason.isEmpty, reason.unicodeScalars.count <= longestReason else {
        throw Refusal("--reason must be one line of 1 to \(longestReason) visible characters")
    }
    return reason
}

extension AccountAdministration.Outcome {
    /// - Parameter otherwise: the message if there was nothing to change.
    fileprivate func report(_ done: String, _ email: EmailAddress, otherwise: String) throws {
        switch self {
        case .done: print("\(done) \(email.canonical)")
        case .noAccount: throw Refusal.noAccount(email)
        case .nothingToDo: throw Refusal("\(email.canonical) \(otherwise)")
        }
    }
}
