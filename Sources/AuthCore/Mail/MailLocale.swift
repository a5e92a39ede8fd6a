/// A language in which the service writes mails and pages.
public enum MailLocale: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"
    case french = "fr"
    case spanish = "es"
    case japanese = "ja"

    /// The language of a tag of RFC 5646, such as `de-AT`; `nil` if there are no texts in it.
    public init?(tag: some StringProtocol) {
        let language = tag.utf8.prefix { octet in octet != UInt8(ascii: "-") }.map { octet in octet | 0x20 }
        guard let locale = Self.allCases.first(where: { locale in locale.rawValue.utf8.elementsEqual(language) }) else { return nil }
        self = locale
    }

    /// All, for a message.
    public static var tags: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
