import AuthCore
import AuthText
import Foundation
import ServerTestSupport
import Testing

@testable import AuthMail

/// RC5: a mail has one recipient, which is the stored address, and no value begins a header field or a command.
@Suite struct MailInjectionTests {
    private static let controls = ["\r\n", "\r", "\n", "\0", "\u{1}", "\t", "\u{B}", "\u{1B}", "\u{7F}", "\u{85}"]

    @Test(arguments: controls)
    func `RC5: a control character in the subject is refused before anything is sent`(_ control: String) async throws {
        try await withMailServer { server, transport in
            for subject in ["Hello\(control)Bcc: eve@example.net", control, "Hello\(control)"] {
                #expect(await transport.send(.example(subject: subject)).kind == "refused")
            }
            #expect(server.connections == 0)
        }
    }

    @Test(arguments: controls + [" ", ",", ";", "<", ">", "@", "(", "\"", "\\", ":", "[", "ü"])
    func `RC5: a character in the address that could begin another one is refused before anything is sent`(_ hostile: String) async throws {
        try await withMailServer { server, transport in
            for domain in ["example.net\(hostile)RCPT TO:<eve@example.net>", "example.net\(hostile)eve", "\(hostile)"] {
                let message = MailMessage.example(rules: LyingRules(domain: domain))
                #expect(await transport.send(message).kind == "refused")
            }
            #expect(server.connections == 0)
        }
    }

    @Test func `RC5: what looks like a header field in the text stays text`() async throws {
        try await withMailServer { server, transport in
            let text = "\r\nBcc: eve@example.net\r\n\r\n.\r\nQUIT\r\n.\r\nMAIL FROM:<eve@example.net>\r\n"
            #expect(await transport.send(.example(text: text, html: text)).kind == "sent")
            let mail = try #require(server.mails.first)
            #expect(!mail.header.contains("Bcc"))
            #expect(server.mails.count == 1)
            #expect(server.lines.count { $0.hasPrefix("MAIL") } == 1)
        }
    }

    @Test(arguments: [
        ("Ada.Lovelace+x@Example.NET", "Ada.Lovelace+x@example.net"), ("ada@MÜLLER.example", "ada@xn--mller-kva.example"),
        ("  ada@example.net ", "ada@example.net"),
    ])
    func `RC5: the only recipient is the local part as it was given, at the domain in A-labels`(_ given: String, _ recipient: String)
        async throws
    {
        try await withMailServer { server, transport in
            #expect(await transport.send(.example(to: given)).kind == "sent")
            let mail = try #require(server.mails.first)
            #expect(mail.recipients == [recipient])
            #expect(
                mail.header.components(separatedBy: "\r\n").filter { $0.hasPrefix("To:") || $0.hasPrefix("Cc:") } == ["To: \(recipient)"])
        }
    }
}
