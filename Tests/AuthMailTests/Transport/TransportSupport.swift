import AuthCore
import AuthText
import Foundation
import ServerTestSupport
import Testing

@testable import AuthMail

/// Text as it is, so that an address may have what the real rules refuse.
struct LyingRules: TextRules {
    let domain: String
    func normalized(_ text: String) -> String { text }
    func asciiDomain(_ domain: String) -> String? { self.domain }
}

extension MailMessage {
    static func example(
        to address: String = "Ada@example.net", subject: String = "Hello", text: String = "Hello, Ada", html: String = "<p>Hello, Ada</p>",
        locale: MailLocale = .english, rules: any TextRules = UnicodeTextRules()
    ) -> MailMessage {
        MailMessage(
            id: MailID(UUID()), recipient: EmailAddress(address, rules: rules)!, locale: locale,
            content: Content(subject: subject, text: text, html: html))
    }
}

extension SMTPLimits {
    /// So long that no test reaches it.
    static func test(connections: Int = 4, waiting: Int = 1000, answer: Duration = .seconds(15), whole: Duration = .seconds(18))
        -> SMTPLimits
    {
        var limits = SMTPLimits()
        limits.connect = .seconds(10)
        (limits.connections, limits.waiting, limits.answer, limits.whole) = (connections, waiting, answer, whole)
        return limits
    }
}

extension SMTPServer {
    static func loopback(_ port: Int, encryption: Encryption = .none, credentials: Credentials? = nil) -> SMTPServer {
        SMTPServer(host: "127.0.0.1", port: port, encryption: encryption, credentials: credentials, authorities: nil)
    }
}

/// A transport to this server that ends with the body.
func withTransport<Value>(
    _ server: SMTPServer, from sender: String = "Example <no-reply@example.net>", limits: SMTPLimits = .test(),
    _ body: (SMTPTransport) async throws -> Value
) async throws -> Value {
    let transport = SMTPTransport(server: server, sender: try MailSender(sender, rules: UnicodeTextRules()), limits: limits)
    try transport.start()
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await body(transport)) } catch { outcome = .failure(error) }
    await transport.shutdown(grace: .zero)
    return try outcome.get()
}

/// A mail server with this script, and a transport to it. Both end with the body.
func withMailServer<Value>(
    limits: SMTPLimits = .test(), credentials: SMTPServer.Credentials? = nil, encryption: SMTPServer.Encryption = .none,
    _ script: @escaping MailServer.Script = { _, _ in nil }, _ body: (MailServer, SMTPTransport) async throws -> Value
) async throws -> Value {
    let server = try MailServer(script)
    defer { server.stop() }
    let reached = SMTPServer.loopback(server.port, encryption: encryption, credentials: credentials)
    return try await withTransport(reached, limits: limits) { try await body(server, $0) }
}

/// Waits until it is so, for at most 10 s.
func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<2000 where !condition() { try? await Task.sleep(for: .milliseconds(5)) }
    return condition()
}

/// A gate that a test opens.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func open() { semaphore.signal() }
    /// For at most 20 s.
    func wait() { _ = semaphore.wait(timeout: .now() + 20) }
}

extension MailOutcome {
    var text: String {
        switch self {
        case .sent(let text), .deferred(let text), .refused(let text), .misconfigured(let text), .unknown(let text): text
        }
    }

    /// The name of the case.
    var kind: String { String(String(describing: self).prefix { $0 != "(" }) }
}
