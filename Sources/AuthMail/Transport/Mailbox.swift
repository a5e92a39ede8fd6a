import AuthCore

/// Where mails go, as the protocol has it (RFC 5321 §4.1.2).
///
/// The local part is as its owner wrote it: only their mail server knows which letters it takes for equal (§2.4). The domain is in
/// A-labels, since raw UTF-8 reaches only servers with SMTPUTF8.
struct Mailbox: Sendable {
    let localPart: String
    let domain: String

    var text: String { "\(localPart)@\(domain)" }

    /// `nil` if a character could end the address and begin something else: another recipient, a header or a command.
    init?(_ address: EmailAddress) {
        let (text, canonical) = (address.text, address.canonical)
        guard let textAt = text.utf8.lastIndex(of: UInt8(ascii: "@")), let at = canonical.utf8.firstIndex(of: UInt8(ascii: "@")) else {
            return nil
        }
        localPart = String(text[..<textAt])
        domain = String(canonical[canonical.utf8.index(after: at)...])
        guard Self.isSafe(localPart), Self.isSafe(domain), MailText.isASCII(domain) else { return nil }
    }

    private static func isSafe(_ part: String) -> Bool {
        !part.isEmpty && !MailText.hasControls(part) && !part.utf8.contains { " @<>(),:;[]\\\"".utf8.contains($0) }
    }
}
