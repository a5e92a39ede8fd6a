import AuthCore
import AuthMail

/// The way that mails go: to the mail server, or in development to the catcher.
enum MailWay: Sendable {
    case server(SMTPTransport)
    case catcher(MailCatcher)

    init(_ settings: MailSettings) {
        if let server = settings.server, let sender = settings.sender {
            self = .server(SMTPTransport(server: server, sender: sender))
        } else {
            self = .catcher(MailCatcher())
        }
    }

    var transport: any MailTransport {
        switch self {
        case .server(let transport): transport
        case .catcher(let catcher): catcher
        }
    }

    /// `nil` if mails go to a mail server.
    var catcher: MailCatcher? { if case .catcher(let catcher) = self { catcher } else { nil } }

    /// Starts what the transport needs. Only the first call does something.
    func start() throws {
        if case .server(let transport) = self { try transport.start() }
    }

    func shutdown() async {
        if case .server(let transport) = self { await transport.shutdown() }
    }
}
