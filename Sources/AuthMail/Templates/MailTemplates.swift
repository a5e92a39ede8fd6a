public import AuthCore
import Mustache

/// The texts of all mails, in all languages.
public struct MailTemplates: MailRendering {
    /// Of a subject, in scalars.
    static let maximumSubject = 200

    private let library: MustacheLibrary

    /// The texts that are compiled in. The files of a folder replace those with the same path: `layout.html`, `en/verify_email.txt`.
    ///
    /// - Parameter folder: the setting `MAIL_TEMPLATES`. It is read once. `nil` replaces nothing.
    /// - Throws: everything that is wrong with the folder and its files.
    public init(replacements folder: String? = nil) throws(MailTemplateFaults) {
        let parser = MailTemplateParser(MailTemplateFiles(replacements: folder))
        guard parser.problems.isEmpty else { throw MailTemplateFaults(problems: parser.problems) }
        library = parser.library
    }

    /// - Throws: ``AuthError/internalError(cause:)`` if a value is missing that each mail of this kind needs.
    public func render(_ kind: MailKind, in locale: MailLocale, _ values: MailValues) throws(AuthError) -> MailMessage.Content {
        let texts = values.texts(for: kind, in: locale)
        var required = MailVariable.required(by: kind)
        if values.code != nil, MailVariable.known(to: kind).contains(.code) { required.insert(.codeMinutes) }
        let missing = required.map(\.rawValue).filter { texts[$0] == nil }.sorted()
        guard missing.isEmpty else {
            throw .internalError(cause: "a mail of the kind \(kind.rawValue) needs \(missing.joined(separator: ", "))")
        }
        func text(_ form: MailTemplateName.Form) throws(AuthError) -> String {
            let name = MailTemplateName(locale: locale, kind: kind, form: form).path
            guard let text = library.render(texts, withTemplate: name) else {
                throw .internalError(cause: "there is no template \(name)")
            }
            return text
        }
        return try MailMessage.Content(
            subject: OneLine.of(text(.subject), upTo: Self.maximumSubject), text: text(.txt), html: text(.html))
    }
}

/// What is wrong with templates.
public struct MailTemplateFaults: Error, Hashable, Sendable {
    /// Sentences for the operator. Each names the file and, where there is one, the line.
    public let problems: [String]
}
