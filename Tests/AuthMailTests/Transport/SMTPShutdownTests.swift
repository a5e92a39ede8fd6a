import AuthCore
import ServerTestSupport
import Testing

@testable import AuthMail

@Suite struct SMTPShutdownTests {
    @Test func `a transport that was not started, or was shut down, defers`() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let transport = SMTPTransport(
            server: .loopback(server.port), sender: try MailSender("a@example.net", rules: LyingRules(domain: "example.net")))
        #expect(await transport.send(.example()).kind == "deferred")
        try transport.start()
        try transport.start()
        #expect(await transport.send(.example()).kind == "sent")
        await transport.shutdown()
        #expect(await transport.send(.example()) == .deferred("this service is shutting down"))
        #expect(await eventually { server.isDisconnected })
        #expect(server.connections == 1)
    }

    @Test func `a shutdown lets a mail under way finish`() async throws {
        let gate = Gate()
        let script: MailServer.Script = { step, _ in
            if step == .message { gate.wait() }
            return nil
        }
        try await withMailServer(script) { server, transport in
            async let outcome = transport.send(.example())
            #expect(await eventually { server.mails.count == 1 })
            async let end: Void = transport.shutdown(grace: .seconds(15))
            gate.open()
            #expect(await outcome.kind == "sent")
            await end
        }
    }

    /// The limits are longer than the test may take.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (MailServer.Step.greeting, "deferred"), (.hello, "deferred"), (.recipient, "deferred"), (.message, "unknown"),
        ])
    func `a shutdown answers mails under way and mails that wait, whatever the server does`(_ step: MailServer.Step, _ kind: String)
        async throws
    {
        var limits = SMTPLimits()
        limits.connections = 1
        (limits.connect, limits.answer, limits.whole) = (.seconds(600), .seconds(600), .seconds(600))
        try await withMailServer(limits: limits, { asked, _ in asked == step ? .silence : nil }) { server, transport in
            async let underWay = transport.send(.example())
            #expect(await eventually { server.connections == 1 && (step == .greeting || !server.lines.isEmpty) })
            if step == .message { #expect(await eventually { server.mails.count == 1 }) }
            async let waiting = transport.send(.example())
            await transport.shutdown(grace: .milliseconds(10))
            #expect(await underWay.kind == kind)
            #expect(await waiting == .deferred("this service is shutting down"))
            #expect(await eventually { server.isDisconnected })
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that does not answer QUIT delays nothing`() async throws {
        var limits = SMTPLimits()
        (limits.connect, limits.answer, limits.whole) = (.seconds(600), .seconds(600), .seconds(600))
        let script: MailServer.Script = { step, number in
            if step == .quit { return .silence }
            return step == .recipient && number == 1 ? .say("550 5.1.1 no such user") : nil
        }
        try await withMailServer(limits: limits, script) { server, transport in
            #expect(await transport.send(.example()) == .refused("550 5.1.1 no such user"))
            #expect(await transport.send(.example()).kind == "sent")
            await transport.shutdown()
            #expect(await eventually { server.isDisconnected })
            #expect(server.lines.count { $0 == "QUIT" } == 2)
        }
    }
}
