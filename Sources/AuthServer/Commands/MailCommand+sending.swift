import ArgumentParser
import AuthCore

extension MailCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what the server knows about a mail.",
            discussion: """
                In development without MAIL_URL it also prints the text of the mail with its links, if a server is running: see \
                OPERATIONS_PORT. A mail that was sent to somebody is not kept.
                """)

        @Argument(help: "The id of the mail.") var id: String

        func run() async throws {
            let id = try mailID(id)
            let (mail, text) = try await ServerConfiguration.operatingServer(as: "auth-api mail show") { server, _ in
                let mail = try await server.domain.mails.administration.find(id)
                return (mail, mail == nil ? nil : await CaughtMail.find(id, server.configuration)?.text)
            }
            guard let mail else { throw Refusal("there is no mail \(id.text)") }
            print(mail.lines)
            if let text { print("\n\(text)") }
        }
    }

    struct SendTest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "send-test", abstract: "Send a mail now by the mail server of MAIL_URL, and print its answer.",
            discussion: "Exit status: 0 if the mail server has taken the mail, 1 if not.")

        @Argument(help: "The e-mail address.") var email: String
        @Option(help: "The language of the mail: \(MailLocale.tags).") var locale = "en"

        func run() async throws {
            let (email, locale) = (try emailAddress(email), try mailLocale(locale) ?? .english)
            let outcome = try await ServerConfiguration.operatingServer(as: "auth-api mail send-test") { server, _ in
                guard server.configuration.mail.server != nil else { throw Refusal("no mail server is configured: set MAIL_URL") }
                try server.mail.start()
                let result: Result<MailOutcome, any Error>
                do {
                    result = .success(try await server.domain.mails.administration.sendTest(to: email, locale: locale))
                } catch {
                    result = .failure(error)
                }
                await server.mail.shutdown()
                return try result.get()
            }
            guard case .sent(let answer) = outcome else { throw Refusal(outcome.words) }
            print("the mail server has taken the mail to \(email.canonical): \(LogEntry.escaped(answer))")
        }
    }
}

extension MailOutcome {
    fileprivate var words: String {
        switch self {
        case .sent(let answer): "sent: \(LogEntry.escaped(answer))"
        case .deferred(let reason): "not sent, but it may work later: \(LogEntry.escaped(reason))"
        case .refused(let answer): "the mail server refuses the mail for good: \(LogEntry.escaped(answer))"
        case .misconfigured(let reason): "not sent, because the settings are wrong: \(LogEntry.escaped(reason))"
        case .unknown(let reason): "the mail may have been sent, but the answer was lost: \(LogEntry.escaped(reason))"
        }
    }
}
