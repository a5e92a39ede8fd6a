/// Rules for text that becomes a part of the mail protocol.
enum MailText {
    /// Whether the text has CR, LF, NUL or another control character. In a header or a command it could begin another one.
    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// The text with CR LF at the end of each line, as RFC 5322 §2.3 asks.
    static func withCanonicalLines(_ text: String) -> [UInt8] {
        let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count + text.utf8.count / 32)
        var isAfterCR = false
        for octet in text.utf8 {
            if octet == cr || (octet == lf && !isAfterCR) { octets += [cr, lf] } else if octet != lf { octets.append(octet) }
            isAfterCR = octet == cr
        }
        return octets
    }

    /// Text of others for operators: at most 300 characters in one line, with U+FFFD for what is not visible.
    static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(300).map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: "\u{FFFD}"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
