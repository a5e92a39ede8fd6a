import AuthCore
import AuthMail
import AuthText

/// How mails are sent, and what they say of the service.
struct MailSettings: Sendable {
    let policy: MailPolicy
    /// `nil` if the server sends no mail, or if mails go to the catcher.
    let server: SMTPServer?
    /// `nil` only if the setting was refused.
    let sender: MailSender?
    let templates: MailTemplates

    static let url = Setting<SMTPServer?>(
        "MAIL_URL",
        SettingKind(values: "smtp://user:password@host:587, smtps://user:password@host:465 or none", isSecret: true) { text in
            guard text != "none" else { return .value(nil) }
            do throws(MailProblem) { return .value(try SMTPServer(url: text)) } catch {
                return .refused(reason: "\(error)", substitute: nil)
            }
        },
        default: "none", "The mail server. In development without one, mails go to the catcher: see docs/mail.md.")
    static let from = Setting<MailSender?>(
        "MAIL_FROM",
        SettingKind(values: "an address, or Name <address>") { text in
            do throws(MailProblem) {
                return .value(try MailSender(text, rules: UnicodeTextRules()))
            } catch {
                return .refused(reason: "\(error)", substitute: nil)
            }
        },
        default: "auth-api@localhost", "The sender of all mails.")
    static let service = Setting(
        "SERVICE_NAME", .text("a name"), default: "auth-api", "The name of the service that people know. Mails and pages have it.")
    static let publicURL = Setting<String>(
        "PUBLIC_URL",
        .parsed("a URL without a path, such as https://auth.example.org", otherwise: "http://127.0.0.1:8000") { text in
            text.wholeMatch(of: /https?:\/\/[A-Za-z0-9.\-\[\]:]+/) == nil ? nil : text
        },
        default: "http://127.0.0.1:8000", "Where people reach this server. All links in mails begin with it.")
    static let templates = Setting(
        "MAIL_TEMPLATES", .text("a folder or none"), default: "none",
        "Texts of mails that replace those of the program: see mail/README.md.")

    init(_ read: inout SettingReader) {
        read.section = "Mail"
        server = read(Self.url)
        sender = read(Self.from)
        let (service, publicURL) = (read(Self.service), read(Self.publicURL))
        policy = MailPolicy(isOn: server != nil || !read.isProduction, service: service, publicURL: publicURL)
        templates = Self.templates(&read)
        read.requireInProduction(
            server == nil || publicURL.utf8.starts(with: "https:".utf8), Self.publicURL,
            "would send people to an unencrypted page: use https")
    }

    private static func templates(_ read: inout SettingReader) -> MailTemplates {
        let folder = read(templates)
        do throws(MailTemplateFaults) {
            return try MailTemplates(replacements: folder == "none" ? nil : folder)
        } catch {
            for problem in error.problems { read.refuse(templates, "has faults: \(problem)") }
            // The built-in texts have no faults: a test holds that.
            return try! MailTemplates()
        }
    }
}
