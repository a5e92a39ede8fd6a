import AuthCore

@testable import AuthMail

/// Values for the tests of templates.
enum MailSamples {
    static let combinations = MailLocale.allCases.flatMap { locale in MailKind.allCases.map { (locale, $0) } }

    static let notices: [MailKind] = [.passwordChanged, .emailChanged, .newSignIn, .tokenReused, .accountDisabled, .deletionScheduled]

    /// The kinds whose button opens `link`.
    static let linked: [MailKind] = [
        .verifyEmail, .resetPassword, .confirmRegistration, .invitation, .confirmEmail, .emailChanged, .deletionScheduled,
    ]

    static let linkMinutes: [MailKind: Int] = [
        .resetPassword: 20, .invitation: 7 * 1440, .emailChanged: 72 * 60, .deletionScheduled: 7 * 1440,
    ]

    static let link =
        "https://accounts.example.com/account/verify?token=aot_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIz&x=y"
    static let secureLink =
        "https://accounts.example.com/account/secure?token=aot_zITMw8iLtwyKqkCKnYSJkMiIhAyHe0BHboRGYchFVQxESEBEP4QDMsgCJgwBGUABDIQA&x=y"

    /// Every value that a sender may know.
    static func all(for kind: MailKind) -> MailValues {
        var values = required
        values.linkMinutes = linkMinutes[kind] ?? 1440
        values.displayName = "Ana María"
        values.code = "7KQ4M2XW"
        values.codeMinutes = 15
        values.ip = "2001:db8::17"
        values.userAgent =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
        values.newEmail = "ana.maria.de.los.angeles@correo.example.org"
        values.reason = "asked for by e-mail, ticket 4711"
        return values
    }

    /// What a kind needs, and nothing else.
    static var required: MailValues {
        var values = MailValues(service: "Example", email: "ana@example.com", time: "2026-12-01 10:58 UTC")
        values.link = link
        values.linkMinutes = 1440
        values.secureLink = secureLink
        values.deletedAfter = "2026-12-08 10:58 UTC"
        return values
    }
}
