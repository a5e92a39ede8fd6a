import AuthCore

/// Text in a mail that somebody else than its reader may have chosen: a display name, a user agent, a reason.
///
/// Whoever chooses such a text must not make the mail say something. It is one line, bounded, stays within its quotation marks, and no
/// mail client makes a link of it.
enum ForeignText {
    /// In scalars. A display name or a user agent is rarely longer.
    static let maximumLength = 100

    /// The text as a mail may show it; `nil` if nothing of it is left.
    static func shown(_ text: String) -> String? {
        let line = OneLine.of(text, upTo: maximumLength + 1)
        let harmless = line.unicodeScalars.map { isClosing($0) ? "'" : $0 }
        let scalars = withoutLinks(harmless)
        if scalars.isEmpty { return nil }
        if scalars.count <= maximumLength { return String(String.UnicodeScalarView(scalars)) }
        return String(String.UnicodeScalarView(scalars.prefix(maximumLength - 1))) + "…"
    }

    /// With a space behind what mail clients take for a part of an address: the `:` of `://`, the dot of `www.`, and each dot before a
    /// letter, since many clients make a link of `example.com` too.
    private static func withoutLinks(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, scalar) in scalars.enumerated() {
            result.append(scalar)
            let rest = scalars[(index + 1)...]
            let breaksScheme = scalar == ":" && rest.starts(with: ["/", "/"])
            let breaksName = isDot(scalar) && (rest.first.map(isPartOfName) ?? false || endsWithWWW(result.dropLast()))
            if breaksScheme || breaksName, rest.first != " " { result.append(" ") }
        }
        return result
    }

    /// A full stop, or what IDNA reads as one (UTS #46 §2.3).
    private static func isDot(_ scalar: Unicode.Scalar) -> Bool { [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"].contains(scalar) }

    private static func isPartOfName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || [.nonspacingMark, .format].contains(scalar.properties.generalCategory)
    }

    private static func endsWithWWW(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        scalars.count >= 3 && scalars.suffix(3).allSatisfy { ["w", "W"].contains($0) }
    }

    /// A quotation mark of any language, except for the apostrophes in names.
    private static func isClosing(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isQuotationMark && scalar != "'" && scalar != "\u{2019}"
    }
}

/// Text without line breaks and control characters.
enum OneLine {
    /// The beginning of the text: each run of white space and controls is one space, and what else is invisible is U+FFFD.
    ///
    /// - Parameter length: in scalars.
    static func of(_ text: String, upTo length: Int) -> String {
        // The rest is not read, since somebody else chose its length. White space may therefore shorten the result.
        let scalars = text.unicodeScalars.prefix(4 * length).map { isBlank($0) ? " " : $0 }
        let words = scalars.split(separator: " ").joined(separator: [" "])
        return VisibleText.shown(String(String.UnicodeScalarView(words)), upTo: length)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
    }
}
