import AuthCore
import Foundation
import Testing

@testable import AuthMail

@Suite struct MailTemplatesTests {
    private static let parsed = Result { try MailTemplates() }
    private let templates: MailTemplates

    init() throws { templates = try Self.parsed.get() }

    @Test(arguments: MailSamples.combinations)
    func `Each kind renders in each language, with all values and with the required ones`(_ locale: MailLocale, _ kind: MailKind) throws {
        for values in [MailSamples.all(for: kind), MailSamples.required] {
            let mail = try templates.render(kind, in: locale, values)
            for text in [mail.subject, mail.text, mail.html] {
                #expect(!text.contains("{{") && !text.contains("}}"))
                #expect(text.contains("Example") || text == mail.subject)
            }
            #expect(!mail.text.contains("\n\n\n") && !mail.text.contains(" \n") && !mail.text.contains("()") && !mail.text.contains(" ,"))
            #expect(mail.html.contains("<html lang=\"\(locale.rawValue)\">"))
            #expect(mail.html.hasPrefix("<!DOCTYPE html>"))
            #expect(mail.html.hasSuffix("</html>\n"))
            #expect(mail.text.split(separator: "\n").contains("--"), "the end says who sent the mail and why")
        }
    }

    @Test(arguments: MailSamples.combinations)
    func `A subject is one line that names the service`(_ locale: MailLocale, _ kind: MailKind) throws {
        var values = MailSamples.all(for: kind)
        values.service = "Exa\r\nBcc: x@example.org\u{0}mple"
        let subject = try templates.render(kind, in: locale, values).subject
        #expect(
            subject.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && !"\u{2028}\u{2029}".unicodeScalars.contains($0)
            })
        #expect(subject.contains("Exa Bcc: x@example.org mple"))
    }

    @Test(arguments: MailSamples.combinations)
    func `A link is in the text as it is, and in the HTML as the button and as text`(_ locale: MailLocale, _ kind: MailKind) throws {
        let mail = try templates.render(kind, in: locale, MailSamples.all(for: kind))
        let links = [(MailSamples.linked, MailSamples.link), (MailSamples.notices, MailSamples.secureLink)]
        for (kinds, link) in links {
            let isExpected = kinds.contains(kind)
            #expect(mail.text.split(separator: "\n").contains(Substring(link)) == isExpected)
            let escaped = link.replacingOccurrences(of: "&", with: "&amp;")
            #expect(mail.html.contains("href=\"\(escaped)\"") == isExpected)
            #expect(mail.html.contains(">\(escaped)</a>") == isExpected)
        }
        #expect(mail.html.components(separatedBy: "class=\"button\"").count - 1 == (kind == .test || kind == .addressTaken ? 0 : 1))
    }

    @Test(arguments: MailLocale.allCases)
    func `A code is in the mails that carry one, and leaves no trace in them without one`(_ locale: MailLocale) throws {
        for kind in [MailKind.verifyEmail, .confirmEmail] {
            let mail = try templates.render(kind, in: locale, MailSamples.all(for: kind))
            #expect(mail.text.split(separator: "\n").contains("7KQ4M2XW"))
            #expect(mail.html.contains(">7KQ4M2XW<"))
            #expect(mail.text.contains(locale.lifetime(minutes: 15)))
            let without = try templates.render(kind, in: locale, MailSamples.required)
            #expect(!without.html.contains("class=\"code\"") && !without.text.contains(locale.lifetime(minutes: 15)))
        }
        let reset = try templates.render(.resetPassword, in: locale, MailSamples.all(for: .resetPassword))
        #expect(!reset.text.contains("7KQ4M2XW") && !reset.html.contains("7KQ4M2XW"))
    }

    @Test(arguments: MailSamples.combinations)
    func `HTML loads nothing and runs nothing`(_ locale: MailLocale, _ kind: MailKind) throws {
        let html = try templates.render(kind, in: locale, MailSamples.all(for: kind)).html.lowercased()
        for part in ["<img", "<script", "<link", "<iframe", "<form", "src=", "url(", "@import", "@font-face", "http-equiv"] {
            #expect(!html.contains(part), "\(part)")
        }
        #expect(html.firstMatch(of: #/\son[a-z]+\s*=/#) == nil)
    }

    @Test(arguments: MailSamples.combinations)
    func `A stranger's text stays text, and no link comes of it`(_ locale: MailLocale, _ kind: MailKind) throws {
        let attack = "<script>alert(1)</script>\r\n\r\nhttps://evil.example/?a=1 www.evil.example <\u{301}b> \"\u{200D} onclick="
        var values = MailSamples.required
        values.displayName = attack
        values.userAgent = attack
        values.reason = attack
        let mail = try templates.render(kind, in: locale, values)
        #expect(!mail.html.contains("<script"))
        let octets = Array(mail.html.utf8)
        #expect(!octets.indices.contains { octets[$0...].starts(with: Array("<\u{301}".utf8)) }, "a mark behind it does not hide a <")
        for text in [mail.subject, mail.text, mail.html] {
            #expect(!text.contains("https://evil") && !text.contains("www.evil") && !text.contains("evil.example"))
        }
        let isShown = MailSamples.notices.contains(kind)
        #expect(mail.html.contains("&lt;script&gt;") == (isShown || kind == .resetPassword || kind == .addressTaken))
        #expect(mail.text.contains("<script>") == mail.html.contains("&lt;script&gt;"))
    }

    @Test func `A mail to an address that nobody has proven shows no text of a stranger`() throws {
        for kind in [MailKind.verifyEmail, .confirmRegistration, .confirmEmail, .invitation] {
            var values = MailSamples.all(for: kind)
            values.displayName = "Buy this"
            values.userAgent = "Buy this"
            values.reason = "Buy this"
            for locale in MailLocale.allCases {
                let mail = try templates.render(kind, in: locale, values)
                #expect(!mail.text.contains("Buy") && !mail.html.contains("Buy"))
            }
        }
    }

    @Test func `A mail without a value that it needs is refused`() throws {
        for kind in MailKind.allCases {
            var values = MailSamples.required
            values.link = nil
            values.secureLink = nil
            let needsLink = kind != .test && kind != .addressTaken
            #expect((try? templates.render(kind, in: .english, values)) == nil ? needsLink : !needsLink)
        }
        var values = MailSamples.all(for: .verifyEmail)
        values.codeMinutes = nil
        let error = AuthError.internalError(cause: "a mail of the kind verify_email needs code_minutes")
        #expect(throws: error) { try templates.render(.verifyEmail, in: .english, values) }
    }

    @Test func `The languages differ`() throws {
        for kind in MailKind.allCases {
            let mails = try MailLocale.allCases.map { try templates.render(kind, in: $0, MailSamples.all(for: kind)) }
            #expect(Set(mails.map(\.subject)).count == 5)
            #expect(Set(mails.map(\.text)).count == 5)
            #expect(Set(mails.map { $0.html.components(separatedBy: "<title>")[1] }).count == 5)
        }
    }
}
