import ArgumentParser
import AuthCore

extension UserCommand {
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End all sessions of an account for good, and refuse logins until it is enabled.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "Why, for the audit trail.") var reason: String

        func run() async throws {
            let (email, reason) = (try emailAddress(email), try checked(reason))
            let outcome = try await administering { accounts, origin in
                try await accounts.disable(email, reason: reason, origin: origin)
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
            abstract: "Remove an account, its sessions and its address. The audit trail keeps its events.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "Why, for the audit trail.") var reason: String?

        func run() async throws {
            let (email, reason) = (try emailAddress(email), try reason.map(checked))
            let outcome = try await administering { accounts, origin in
                try await accounts.delete(email, reason: reason, origin: origin)
            }
            try outcome.report("deleted", email, otherwise: "was deleted meanwhile")
        }
    }
}

private let longestReason = 500

/// A reason for the audit trail: one line of visible text.
private func checked(_ reason: String) throws -> String {
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
