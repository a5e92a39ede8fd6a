import AuthCore
import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

@testable import AuthMail

@Suite struct SMTPTransportTests {
    @Test func `a mail arrives with its header fields and in both forms`() async throws {
        try await withMailServer { server, transport in
            let message = MailMessage.example(subject: "Grüße", text: "Hello\n.\nÄ = x", html: "<p>Ä</p>", locale: .german)
            #expect(await transport.send(message) == .sent("250 2.0.0 queued as 1"))
            let mail = try #require(server.mails.first)
            #expect(server.mails.count == 1)
            #expect(mail.sender == "no-reply@example.net")
            let header = mail.header.components(separatedBy: "\r\n")
            for field in [
                #"From: "Example" <no-reply@example.net>"#, "To: Ada@example.net", "Subject: =?UTF-8?B?R3LDvMOfZQ==?=", "MIME-Version: 1.0",
                "Message-ID: <\(message.id.uuid.text)@example.net>", "Content-Language: de", "Auto-Submitted: auto-generated",
            ] { #expect(header.contains(field), "\(field)") }
            #expect(header.count { $0.hasPrefix("Date: ") } == 1)
            #expect(header.contains { $0.hasPrefix("Content-Type: multipart/alternative; boundary=") })
            #expect(!mail.header.lowercased().contains("list-unsubscribe"))
            let plain = try #require(mail.text.range(of: "Hello\r\n.\r\n=C3=84 =3D x"))
            let html = try #require(mail.text.range(of: "<p>=C3=84</p>"))
            #expect(plain.upperBound < html.lowerBound)
        }
    }

    @Test func `the client greets with the domain of the sender`() async throws {
        try await withMailServer { server, transport in
            _ = await transport.send(.example())
            #expect(server.lines.first == "EHLO example.net")
        }
    }

    @Test func `connections are kept for the next mails`() async throws {
        try await withMailServer { server, transport in
            for _ in 0..<5 { #expect(await transport.send(.example()).kind == "sent") }
            #expect(server.connections == 1)
            #expect(server.mails.count == 5)
            #expect(Set(server.mails.map(\.header)).count == 5)
        }
    }

    /// libcurl counts some of its time limits from the moment at which it made or took the connection.
    @Test func `a connection that is older than the time for one mail is used again`() async throws {
        try await withMailServer(limits: .test(answer: .seconds(2), whole: .seconds(2))) { server, transport in
            #expect(await transport.send(.example()).kind == "sent")
            try await Task.sleep(for: .milliseconds(2200))
            #expect(await transport.send(.example()).kind == "sent")
            #expect(server.connections == 1)
        }
    }

    @Test func `there are no more connections than the limit`() async throws {
        try await withMailServer(limits: .test(connections: 3)) { server, transport in
            let outcomes = await withTaskGroup(of: MailOutcome.self) { group in
                for _ in 0..<24 { group.addTask { await transport.send(.example()) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.map(\.kind) == Array(repeating: "sent", count: 24))
            #expect(server.mostOpen <= 3)
            #expect(server.connections <= 3)
        }
    }

    /// With libcurl's multi interface it does: it waits for this answer on the thread of all transfers.
    @Test func `a mail for which the server takes long holds up no other`() async throws {
        let gate = Gate()
        let script: MailServer.Script = { step, number in
            if step == .message, number == 1 { gate.wait() }
            return nil
        }
        try await withMailServer(script) { server, transport in
            async let slow = transport.send(.example(subject: "slow"))
            #expect(await eventually { server.mails.count == 1 })
            for _ in 0..<3 { #expect(await transport.send(.example()).kind == "sent") }
            gate.open()
            #expect(await slow.kind == "sent")
        }
    }

    @Test func `a connection without a mail is closed after some time, with QUIT`() async throws {
        var limits = SMTPLimits.test()
        limits.idle = .milliseconds(50)
        try await withMailServer(limits: limits) { server, transport in
            #expect(await transport.send(.example()).kind == "sent")
            #expect(await eventually { server.isDisconnected })
            #expect(server.lines.last == "QUIT")
            #expect(await transport.send(.example()).kind == "sent")
            #expect(server.connections == 2)
        }
    }

    @Test func `a connection that the server has closed is replaced`() async throws {
        try await withMailServer({ step, number in step == .message && number == 1 ? .last("250 ok") : nil }) { server, transport in
            #expect(await transport.send(.example()).kind == "sent")
            #expect(await eventually { server.isDisconnected })
            #expect(await transport.send(.example()).kind == "sent")
            #expect(server.connections == 2)
        }
    }

    @Test func `more mails than may wait are deferred`() async throws {
        let gate = Gate()
        let script: MailServer.Script = { step, _ in
            if step == .message { gate.wait() }
            return nil
        }
        try await withMailServer(limits: .test(connections: 1, waiting: 1), script) { server, transport in
            async let first = transport.send(.example())
            #expect(await eventually { server.mails.count == 1 })
            await withTaskGroup(of: MailOutcome.self) { group in
                for _ in 0..<3 { group.addTask { await transport.send(.example()) } }
                for _ in 0..<2 { #expect(await group.next() == .deferred("1 mails wait for a connection to the mail server")) }
                for _ in 0..<2 { gate.open() }
                #expect(await group.next()?.kind == "sent")
            }
            #expect(await first.kind == "sent")
        }
    }

    @Test func `the credentials are sent as they are`() async throws {
        let credentials = SMTPServer.Credentials(user: "ada@example.net", password: "päss wörd")
        let script: MailServer.Script = { step, _ in step == .hello ? .say("250-mail\r\n250 AUTH GSSAPI NTLM CRAM-MD5 LOGIN PLAIN") : nil }
        try await withMailServer(credentials: credentials, script) { server, transport in
            #expect(await transport.send(.example()).kind == "sent")
            #expect(server.lines.contains("AUTH PLAIN"))
            let line = try #require(server.lines.first { $0.hasPrefix("credentials ") })
            let sent = try #require(Data(base64Encoded: String(line.dropFirst("credentials ".count))))
            #expect(String(decoding: sent, as: UTF8.self) == "\0ada@example.net\0päss wörd")
        }
    }
}
