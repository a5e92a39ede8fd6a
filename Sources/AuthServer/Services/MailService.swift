import ServiceLifecycle

/// The threads that speak to the mail server.
struct MailService: Service {
    let way: MailWay

    func run() async throws {
        try way.start()
        try? await gracefulShutdown()
        await way.shutdown()
    }
}
