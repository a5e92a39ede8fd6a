import AuthText
import Testing

@testable import AuthMail

@Suite struct MailSenderTests {
    @Test(arguments: [
        ("no-reply@example.net", "", "no-reply@example.net"),
        (" <no-reply@example.net> ", "", "no-reply@example.net"),
        ("Example <No-Reply@Example.NET>", "Example", "No-Reply@example.net"),
        ("Example & Söhne, Inc. <no-reply@müller.example>", "Example & Söhne, Inc.", "no-reply@xn--mller-kva.example"),
        (#""Example, \"the\" one" <no-reply@example.net>"#, #"Example, "the" one"#, "no-reply@example.net"),
    ])
    func `a sender has a name and an address`(_ text: String, _ name: String, _ address: String) throws {
        let sender = try MailSender(text, rules: UnicodeTextRules())
        #expect(sender.name == name)
        #expect(sender.mailbox.text == address)
    }

    @Test(arguments: [
        "", "Example", "Example <>", "Example <no-reply>", "Example no-reply@example.net", "<a@example.net> <b@example.net",
        "a@example.net, b@example.net",
        "Example\r\nBcc: eve@example.net <no-reply@example.net>", "Example\0 <no-reply@example.net>",
        "Exa\u{202E}mple <no-reply@example.net>",
        #""Example <no-reply@example.net>"#, #"Exa"mple <no-reply@example.net>"#,
        String(repeating: "x", count: 201) + " <no-reply@example.net>",
    ])
    func `a wrong sender is refused`(_ text: String) {
        #expect(throws: MailProblem.self) { try MailSender(text, rules: UnicodeTextRules()) }
    }
}
