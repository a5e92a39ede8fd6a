import AuthCore

/// One template of a mail: `en/verify_email.txt`.
struct MailTemplateName: Hashable {
    /// A part of a mail. The raw value ends the name of the file.
    enum Form: String, CaseIterable { case subject, txt, html }

    let locale: MailLocale
    let kind: MailKind
    let form: Form

    var path: String { "\(locale.rawValue)/\(file)" }
    var file: String { "\(kind.rawValue).\(form.rawValue)" }

    static var all: [Self] {
        MailLocale.allCases.flatMap { locale in
            MailKind.allCases.flatMap { kind in Form.allCases.map { Self(locale: locale, kind: kind, form: $0) } }
        }
    }
}

/// The text of a template, and where it was found.
struct MailTemplateFile {
    /// For problems.
    let path: String
    let text: String
}
