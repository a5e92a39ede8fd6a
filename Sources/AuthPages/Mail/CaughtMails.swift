import AuthCore
import FoundationEssentials

/// A mail that the catcher keeps, as programs read it.
struct CaughtMail: Encodable, Sendable {
    let id: String
    let to: String
    let locale: String
    /// When the mail was queued.
    let time: String
    let subject: String
    let text: String
    let html: String
    /// In the order of the text.
    let links: [String]

    init(_ message: MailMessage) {
        id = message.id.text
        to = message.recipient.text
        locale = message.locale.rawValue
        time = message.id.time.description
        (subject, text, html) = (message.content.subject, message.content.text, message.content.html)
        links = TextPart.parts(of: text).compactMap(\.link)
    }
}

extension CaughtMail {
    /// The time for people, in UTC, to the second.
    var shownTime: String { "\(time.prefix(10)) \(time.dropFirst(11).prefix(8)) UTC" }
}

/// A part of a mail's text: text, or a link.
struct TextPart: Sendable {
    let text: String
    let link: String?

    /// The whole text in its order. A link ends before white space.
    static func parts(of text: String) -> [TextPart] {
        var parts: [TextPart] = []
        var rest = text[...]
        while let start = rest.firstRange(of: /https?:\/\/\S+/) {
            parts.append(TextPart(text: String(rest[..<start.lowerBound]), link: String(rest[start])))
            rest = rest[start.upperBound...]
        }
        return parts + [TextPart(text: String(rest), link: nil)]
    }
}

extension MailID {
    /// When it was made (RFC 9562 §5.7).
    fileprivate var time: Timestamp {
        let octets = uuid.uuid
        let milliseconds = [octets.0, octets.1, octets.2, octets.3, octets.4, octets.5].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return Timestamp(microseconds: milliseconds * 1000)
    }
}
