/// A language in which the service writes mails and pages.
public enum MailLocale: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"
    case french = "fr"
    case spanish = "es"
    case japanese = "ja"
}
