import AuthCore

/// A value that a template may name.
enum MailVariable: String, CaseIterable {
    case service, email, locale, time, ip
    case displayName = "display_name"
    case userAgent = "user_agent"
    case newEmail = "new_email"
    case reason
    case deletedAfter = "deleted_after"
    case link
    case linkMinutes = "link_minutes"
    case linkLifetime = "link_lifetime"
    case code
    case codeMinutes = "code_minutes"
    case codeLifetime = "code_lifetime"
    case secureLink = "secure_link"
    /// What the button opens: the link, or the link to "this wasn't me" in a mail without another.
    case buttonLink = "button_link"
}

extension MailVariable {
    private static let common: Set<Self> = [.service, .email, .locale, .time, .ip, .buttonLink]
    private static let links: Set<Self> = [.link, .linkMinutes, .linkLifetime]
    private static let codes: Set<Self> = [.code, .codeMinutes, .codeLifetime]
    private static let notices: Set<Self> = [.displayName, .userAgent, .secureLink]

    /// What the templates of this kind may name.
    ///
    /// A mail to an address that nobody has proven yet has no display name and no user agent: a stranger would choose both, and the
    /// address that reads them.
    static func known(to kind: MailKind) -> Set<Self> {
        switch kind {
        case .verifyEmail: common.union(links).union(codes)
        case .confirmEmail: common.union(links).union(codes).union([.newEmail])
        case .confirmRegistration, .invitation: common.union(links)
        case .resetPassword: common.union(links).union([.displayName])
        case .addressTaken: common.union([.displayName])
        case .passwordChanged, .newSignIn, .tokenReused: common.union(notices)
        case .emailChanged: common.union(notices).union(links).union([.newEmail])
        case .accountDisabled: common.union(notices).union([.reason])
        case .deletionScheduled: common.union(notices).union(links).union([.reason, .deletedAfter])
        case .test: common
        }
    }

    /// Without these a mail of this kind would be of no use.
    static func required(by kind: MailKind) -> Set<Self> {
        known(to: kind).intersection([.link, .linkMinutes, .secureLink, .deletedAfter])
    }
}
