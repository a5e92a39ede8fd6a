/// An e-mail address: the text as its owner gave it, and the one key under which it is looked up.
public struct EmailAddress: Sendable {
    /// Limits of RFC 5321 §4.5.3.1, in octets.
    public static let maximumOctets = 254
    public static let maximumLocalPartOctets = 64

    /// As given, for display, but without the white space around it, since phone keyboards add some.
    public let text: String
    /// NFC, lower-cased, domain in A-label form: equal for all spellings of one address. No provider-specific folding.
    public let canonical: String

    /// `nil` unless the text without white space around it is a dot-string mailbox of RFC 5321 §4.1.2 (with the UTF-8 of RFC 6531).
    ///
    /// Quoted local parts and address literals are refused: each has several spellings of one mailbox.
    public init?(_ text: String, rules: some TextRules) {
        let text = text.withoutWhiteSpaceAround
        guard text.utf8.count <= Self.maximumOctets, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let local = rules.normalized(rules.normalized(String(text[..<at])).inLowerCase)
        guard Self.isDotString(local), local.utf8.count <= Self.maximumLocalPartOctets else { return nil }
        let domainText = String(text[text.utf8.index(after: at)...])
        // UTS #46 ignores some invisible characters; two texts that look the same should not be one account by surprise.
        guard domainText.unicodeScalars.allSatisfy(\.isVisible), let domain = rules.asciiDomain(domainText) else { return nil }
        let canonical = "\(local)@\(domain)"
        guard canonical.utf8.count <= Self.maximumOctets else { return nil }
        self.text = text
        self.canonical = canonical
    }

    /// The part before the `@` of the canonical form.
    public var localPart: String {
        String(canonical[..<(canonical.utf8.lastIndex(of: UInt8(ascii: "@")) ?? canonical.endIndex)])
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

extension String {
    fileprivate var withoutWhiteSpaceAround: String {
        let isShown = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
        guard let first = unicodeScalars.firstIndex(where: isShown), let last = unicodeScalars.lastIndex(where: isShown) else { return "" }
        return String(unicodeScalars[first...last])
    }

    /// Σ has two lower-case letters, σ and, at the end of a word, ς. In an address they count as one letter (as in Unicode's
    /// CaseFolding.txt), since they have the same upper case.
    fileprivate var inLowerCase: String {
        String(UnicodeScalarView(lowercased().unicodeScalars.map { $0.value == 0x3C2 ? "\u{3C3}" : $0 }))
    }
}
