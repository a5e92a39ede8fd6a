import AuthCore
import AuthMail
import AuthMiddleware
import AuthPages
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The second listener, for the person at this machine. In development it shows the mails that no mail server gets.
struct OperationsService: Service {
    let settings: OperationsSettings
    let port: Int
    let catcher: MailCatcher
    let service: String
    let eventLoops: any EventLoopGroup
    let logger: Logger

    /// `nil` if nothing listens: in production, and if mails go to a mail server.
    init?(_ configuration: ServerConfiguration, _ way: MailWay, eventLoops: any EventLoopGroup, logger: Logger) {
        guard configuration.environment == .development, let catcher = way.catcher, let port = configuration.operations.port else {
            return nil
        }
        (settings, self.port, self.catcher, self.eventLoops, self.logger) = (configuration.operations, port, catcher, eventLoops, logger)
        service = configuration.mail.policy.service
    }

    /// If it cannot listen, the rest of the server serves without it. So a second server on one machine starts with the same settings.
    func run() async throws {
        do {
            try await application.run()
        } catch {
            let reason = ListeningFailure(error, host: settings.host, port: port, named: ("OPERATIONS_HOST", "OPERATIONS_PORT"))
            logger.warning("mails cannot be read: \(reason?.description ?? "\(error)")")
            try? await gracefulShutdown()
        }
    }

    private var application: some ApplicationProtocol {
        if !settings.isLoopback {
            logger.warning(
                "OPERATIONS_HOST is an address that other machines may reach: they can read all mails",
                metadata: ["host": "\(settings.host)"])
        }
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ResponseHeaders(isSecure: false))
        router.add(middleware: LocalRequests())
        CaughtMailPages(service: service) { [catcher] in catcher.newest }.add(to: router)
        return Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname(settings.host, port: port)),
            onServerRunning: listens, eventLoopGroupProvider: .shared(eventLoops), logger: logger)
    }

    @Sendable private func listens(on channel: any Channel) async {
        let host = settings.isLoopback ? settings.host : "127.0.0.1"
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? port)/mails"
        logger.notice("mails can be read: no MAIL_URL is set", metadata: ["url": "\(url)"])
    }
}

extension ServerConfiguration {
    /// Says at the start what does not work in production without a mail server.
    func warnOfMissingMail(_ logger: Logger) {
        guard !mail.policy.isOn else { return }
        logger.warning(
            "no MAIL_URL is set: forgotten passwords, verification and change of addresses, invitations and notices are off")
    }
}
