/// An e-mail address: the text as its owner gave it, and the one key under which it is looked up.
public struct EmailAddress: Sendable {
    /// Limits of RFC 5321 §4.5.3.1, in octets.
    public static let maximumOctets = 254
    public static let maximumLocalPartOctets = 64

    /// As given, for display.
    public let text: String
    /// NFC, lower-cased, domain in A-label form: equal for all spellings of one address. No provider-specific folding.
    public let canonical: String

    /// `nil` unless the text is a dot-string mailbox of RFC 5321 §4.1.2 (with the UTF-8 of RFC 6531).
    ///
    /// Quoted local parts and address literals are refused: each has several spellings of one mailbox.
    public init?(_ text: String, rules: some TextRules) {
        guard text.utf8.count <= Self.maximumOctets, let at = text.lastIndex(of: "@") else { return nil }
        let local = rules.normalized(rules.normalized(String(text[..<at])).lowercased())
        guard Self.isDotString(local), local.utf8.count <= Self.maximumLocalPartOctets else { return nil }
        let domainText = String(text[text.index(after: at)...])
        // UTS #46 ignores some invisible characters; two texts that look the same should not be one account by surprise.
        guard domainText.unicodeScalars.allSatisfy(\.isVisible), let domain = rules.asciiDomain(domainText) else { return nil }
        let canonical = "\(local)@\(domain)"
        guard canonical.utf8.count <= Self.maximumOctets else { return nil }
        self.text = text
        self.canonical = canonical
    }

    /// The part before the `@` of the canonical form.
    public var localPart: String {
        String(canonical[..<(canonical.lastIndex(of: "@") ?? canonical.endIndex)])
    }

    private static func isDotString(_ local: String) -> Bool {
        local.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy(isAtomText)
        }
    }

    /// `atext` of RFC 5322 §3.2.3, and every visible scalar beyond ASCII.
    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": true
        default: scalar.value > 0x7F && scalar.isVisible
        }
    }
}

extension Unicode.Scalar {
    /// Neither a control, format, separator, private-use, surrogate nor unassigned character, nor one that is shown as nothing.
    var isVisible: Bool {
        if properties.isDefaultIgnorableCodePoint { return false }
        return switch properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            false
        default:
            true
        }
    }
}
