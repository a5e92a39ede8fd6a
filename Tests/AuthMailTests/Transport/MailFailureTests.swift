import AuthCore
import Foundation
import ServerTestSupport
import Testing

@testable import AuthMail

/// F30: the mail server is down, slow, silent, or refuses.
@Suite struct MailFailureTests {
    @Test(arguments: [
        (MailServer.Step.greeting, "421 4.3.2 too busy", "deferred"),
        (.greeting, "554 5.7.1 you are on a list", "misconfigured"),
        (.hello, "421 4.3.2 too busy", "deferred"),
        (.hello, "550 5.7.1 who are you?", "misconfigured"),
        (.mail, "451 4.7.1 try later", "deferred"),
        (.mail, "421 4.3.2 shutting down", "deferred"),
        (.mail, "530 5.7.0 authentication required", "misconfigured"),
        (.mail, "550 5.7.1 not your address", "refused"),
        (.recipient, "421 4.3.2 shutting down", "deferred"),
        (.recipient, "451 4.7.1 greylisted", "deferred"),
        (.recipient, "452 4.2.2 mailbox full", "deferred"),
        (.recipient, "550 5.1.1 no such user", "refused"),
        (.recipient, "550-5.1.1 no such user\r\n550 5.1.1 read our page", "refused"),
        (.data, "451 4.3.0 not now", "deferred"),
        (.data, "554 5.5.1 no valid recipients", "refused"),
        (.message, "451 4.3.0 disk full", "deferred"),
        (.message, "554 5.7.1 this is spam", "refused"),
    ])
    func `F30: an answer 4yz or 5yz decides, and operators see it`(_ step: MailServer.Step, _ answer: String, _ kind: String) async throws {
        try await withMailServer({ asked, _ in asked == step ? .say(answer) : nil }) { _, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == kind)
            #expect(outcome.text == answer.components(separatedBy: "\r\n").last)
        }
    }

    @Test(arguments: [
        (MailServer.Step.greeting, "deferred"), (.hello, "deferred"), (.mail, "deferred"), (.recipient, "deferred"), (.data, "deferred"),
        (.message, "unknown"),
    ])
    func `F30: a connection that ends early is no delivery, and in doubt after DATA`(_ step: MailServer.Step, _ kind: String) async throws {
        try await withMailServer({ asked, number in asked == step && number == 1 ? .drop : nil }) { server, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == kind)
            #expect(!outcome.text.contains("errno") && outcome.text.contains("connection"), "\(outcome.text)")
            #expect(await transport.send(.example()).kind == "sent")
            #expect(server.connections == 2)
        }
    }

    @Test(arguments: [
        (MailServer.Step.greeting, "deferred"), (.hello, "deferred"), (.mail, "deferred"), (.recipient, "deferred"), (.data, "deferred"),
        (.message, "unknown"),
    ])
    func `F30: a silent server is given up, and in doubt after DATA`(_ step: MailServer.Step, _ kind: String) async throws {
        var limits = SMTPLimits.test(answer: .seconds(2), whole: .seconds(8))
        limits.connect = .seconds(2)
        try await withMailServer(limits: limits, { asked, number in asked == step && number == 1 ? .silence : nil }) { server, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == kind)
            #expect(outcome.text.contains("time"), "\(outcome.text)")
            #expect(await transport.send(.example()).kind == "sent")
        }
    }

    /// libcurl keeps such a connection. The late answer would count as the answer to the next mail's first command.
    @Test func `F30: an answer that comes too late is not taken for that of the next mail`() async throws {
        let gate = Gate()
        let script: MailServer.Script = { step, number in
            if step == .message, number == 1 { gate.wait() }
            return nil
        }
        try await withMailServer(limits: .test(connections: 1, answer: .seconds(2)), script) { server, transport in
            #expect(await transport.send(.example(subject: "first")).kind == "unknown")
            async let second = transport.send(.example(subject: "second"))
            gate.open()
            #expect(await second == .sent("250 2.0.0 queued as 2"))
            #expect(server.connections == 2)
        }
    }

    @Test func `F30: a mail that waits too long for a connection is not sent`() async throws {
        let script: MailServer.Script = { step, _ in step == .message ? .silence : nil }
        try await withMailServer(limits: .test(connections: 1, answer: .seconds(1), whole: .seconds(1)), script) { server, transport in
            async let first = transport.send(.example())
            #expect(await eventually { server.mails.count == 1 })
            #expect(await transport.send(.example()).kind != "sent")
            #expect(await first.kind == "unknown")
        }
    }

    @Test func `F30: where nobody listens, or no such host is, the mail is deferred`() async throws {
        let stopped = try MailServer()
        stopped.stop()
        try await withTransport(.loopback(stopped.port)) { transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == "deferred")
            #expect(outcome.text.contains("connect"), "\(outcome.text)")
        }
        let nowhere = SMTPServer(host: "mail.invalid", port: 25, encryption: .none, credentials: nil, authorities: nil)
        try await withTransport(nowhere) { transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == "deferred")
            #expect(outcome.text.contains("mail.invalid"), "\(outcome.text)")
        }
    }

    @Test(arguments: [
        ("535 5.7.8 wrong password", "misconfigured"), ("534 5.7.9 too weak", "misconfigured"), ("454 4.7.0 try later", "deferred"),
    ])
    func `F30: refused credentials are a wrong setting, unless the server says "later"`(_ answer: String, _ kind: String) async throws {
        let script: MailServer.Script = { step, _ in
            step == .hello ? .say("250-mail\r\n250 AUTH PLAIN LOGIN") : step == .auth ? .say(answer) : nil
        }
        try await withMailServer(credentials: .init(user: "ada", password: "hidden"), script) { server, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == kind)
            #expect(outcome.text == answer)
            #expect(!server.lines.contains { $0.hasPrefix("MAIL") })
        }
    }

    @Test func `F30: a server without a common way of AUTH is a wrong setting`() async throws {
        let script: MailServer.Script = { step, _ in step == .hello ? .say("250-mail\r\n250 AUTH XOAUTH2 GSSAPI") : nil }
        try await withMailServer(credentials: .init(user: "ada", password: "hidden"), script) { _, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == "misconfigured")
            #expect(outcome.text.contains("AUTH"), "\(outcome.text)")
        }
    }

    @Test(arguments: [("250 8BITMIME", "misconfigured"), ("250 STARTTLS", "misconfigured"), ("250 AUTH PLAIN", "misconfigured")])
    func `F30: neither credentials nor a mail go to a server without STARTTLS`(_ extensions: String, _ kind: String) async throws {
        // The server of this test refuses STARTTLS with 500.
        let script: MailServer.Script = { step, _ in step == .hello ? .say("250-mail\r\n" + extensions) : nil }
        let credentials = SMTPServer.Credentials(user: "ada", password: "hidden")
        try await withMailServer(credentials: credentials, encryption: .startTLS, script) { server, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == kind)
            #expect(!outcome.text.isEmpty)
            #expect(server.lines.allSatisfy { ["EHLO", "STAR", "QUIT"].contains($0.prefix(4)) }, "\(server.lines)")
        }
    }

    @Test func `F30: what a server answers is shown in one line without control characters, and not all of it`() async throws {
        let answer = "550 \u{1B}[31mred\u{7}\u{202E}" + String(repeating: "x", count: 2000)
        try await withMailServer({ step, _ in step == .recipient ? .say(answer) : nil }) { _, transport in
            let outcome = await transport.send(.example())
            #expect(outcome.kind == "refused")
            #expect(outcome.text.hasPrefix("550 \u{FFFD}[31mred\u{FFFD}\u{FFFD}xxx"))
            #expect(outcome.text.unicodeScalars.count == 300)
        }
    }
}
