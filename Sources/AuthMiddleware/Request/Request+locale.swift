public import AuthCore
import HTTPTypes
public import Hummingbird

extension Request {
    /// The language that the client prefers among those in which there are texts (RFC 9110 §12.5.4); `nil` if it names none of them.
    public var locale: MailLocale? {
        guard let header = headers[.acceptLanguage], header.utf8.count <= 1000 else { return nil }
        let ranges = header.split(separator: ",").compactMap(LanguageRange.init)
        // The first of those that have the same weight.
        return ranges.enumerated().filter { range in range.element.weight > 0 }
            .max { ($0.element.weight, -$0.offset) < ($1.element.weight, -$1.offset) }?.element.locale
    }
}

/// One element of `Accept-Language` whose language has texts.
private struct LanguageRange {
    let locale: MailLocale
    let weight: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { part in part.filter { character in character != " " } }
        guard let tag = parts.first, let locale = MailLocale(tag: tag) else { return nil }
        self.locale = locale
        let quality = parts.dropFirst().first { part in part.utf8.starts(with: "q=".utf8) }?.dropFirst(2)
        weight = quality.map { quality in Double(quality) ?? 0 } ?? 1
    }
}
