import AuthCore

extension MailValues {
    /// The texts that a mail of this kind may show, by the name that templates use.
    func texts(for kind: MailKind, in locale: MailLocale) -> [String: String] {
        let known = MailVariable.known(to: kind)
        var texts: [String: String] = [:]
        for variable in MailVariable.allCases where known.contains(variable) {
            texts[variable.rawValue] = text(of: variable, in: locale)
        }
        texts[MailVariable.buttonLink.rawValue] = texts[MailVariable.link.rawValue] ?? texts[MailVariable.secureLink.rawValue]
        return texts
    }

    private func text(of variable: MailVariable, in locale: MailLocale) -> String? {
        switch variable {
        case .service: OneLine.of(service, upTo: ForeignText.maximumLength)
        case .email: OneLine.of(email, upTo: EmailAddress.maximumOctets)
        case .newEmail: newEmail.map { OneLine.of($0, upTo: EmailAddress.maximumOctets) }
        case .locale: locale.rawValue
        case .time: time
        case .ip: ip
        case .displayName: displayName.flatMap(ForeignText.shown)
        case .userAgent: userAgent.flatMap(ForeignText.shown)
        case .reason: reason.flatMap(ForeignText.shown)
        case .deletedAfter: deletedAfter
        case .link: link
        case .linkMinutes: linkMinutes.map(String.init)
        case .linkLifetime: linkMinutes.map(locale.lifetime)
        case .code: code
        case .codeMinutes: codeMinutes.map(String.init)
        case .codeLifetime: codeMinutes.map(locale.lifetime)
        case .secureLink: secureLink
        case .buttonLink: nil
        }
    }
}
