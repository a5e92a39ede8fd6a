public import AuthCore

/// Whom the mails are from, with the text of `MAIL_FROM`.
public struct MailSender: Sendable {
    /// Empty if there is none.
    let name: String
    let mailbox: Mailbox

    /// Reads `Name <address>` or an address. The name may be in quotation marks.
    ///
    /// - Throws: ``MailProblem``, which completes a sentence that begins with the name of the setting.
    public init(_ text: String, rules: some TextRules) throws(MailProblem) {
        let (name, address) = Self.parts(of: text)
        guard let name, VisibleText.isShown(name), name.utf8.count <= 200 else {
            throw MailProblem("must have a name of visible characters before the <, of at most 200 octets")
        }
        guard let address = EmailAddress(address, rules: rules), let mailbox = Mailbox(address) else {
            throw MailProblem("must be an address, or Name <address>")
        }
        self.name = name
        self.mailbox = mailbox
    }

    /// The name is `nil` if its quotation marks are wrong.
    private static func parts(of text: String) -> (name: String?, address: String) {
        let text = withoutSpacesAround(text[...])
        guard text.utf8.last == UInt8(ascii: ">"), let open = text.utf8.lastIndex(of: UInt8(ascii: "<")) else { return ("", String(text)) }
        let address = text[text.utf8.index(after: open)...].dropLast()
        return (unquoted(withoutSpacesAround(text[..<open])), String(address))
    }

    private static func withoutSpacesAround(_ text: Substring) -> Substring {
        var scalars = text.unicodeScalars
        while scalars.first?.value == 0x20 { scalars.removeFirst() }
        while scalars.last?.value == 0x20 { scalars.removeLast() }
        return Substring(scalars)
    }

    /// RFC 5322 §3.2.4.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.utf8.first == UInt8(ascii: "\"") else { return text.utf8.contains(UInt8(ascii: "\"")) ? nil : String(text) }
        var scalars = text.unicodeScalars.dropFirst()
        var name = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"": return scalars.isEmpty ? String(name) : nil
            case "\\": if let escaped = scalars.popFirst() { name.append(escaped) }
            default: name.append(scalar)
            }
        }
        return nil
    }
}
