public import AuthCore
import HTTPTypes
public import Hummingbird

extension Request {
    /// The language that the client prefers among those in which there are texts (RFC 9110 §12.5.4); `nil` if it names none of them.
    public var locale: MailLocale? {
        guard let header = headers[.acceptLanguage], header.utf8.count <= 1000 else { return nil }
        let ranges = header.utf8.split(separator: UInt8(ascii: ",")).compactMap(LanguageRange.init).filter { range in range.weight > 0 }
        // The first of those that have the greatest weight.
        return ranges.max { $0.weight < $1.weight }.flatMap { best in ranges.first { range in range.weight >= best.weight } }?.locale
    }
}

/// One element of `Accept-Language` whose language has texts.
private struct LanguageRange {
    let locale: MailLocale
    let weight: Double

    init?(_ octets: Substring.UTF8View) {
        let parts = octets.split(separator: UInt8(ascii: ";")).map { part in part.filter { octet in octet != UInt8(ascii: " ") } }
        guard let tag = parts.first, let locale = MailLocale(tag: String(decoding: tag, as: UTF8.self)) else { return nil }
        self.locale = locale
        let quality = parts.dropFirst().first { part in part.starts(with: "q=".utf8) }?.dropFirst(2)
        weight = quality.map { quality in Double(String(decoding: quality, as: UTF8.self)) ?? 0 } ?? 1
    }
}
