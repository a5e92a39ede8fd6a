/// The one rule for characters in text that is stored and that people read: in the list of sessions, the audit trail, an address,
/// an operator's reason.
///
/// An invisible character, or one that reorders the text around it, could make one text look like another (UTS #39, UTR #36 §2).
public enum VisibleText {
    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// Whether every character of the text is visible, a space or a part of an emoji.
    public static func isShown(_ text: String) -> Bool {
        isPlain(text) || contexts(of: text.unicodeScalars).allSatisfy(\.isShown)
    }

    /// The beginning of the text with U+FFFD for each invisible scalar.
    ///
    /// - Parameter length: in scalars.
    public static func shown(_ text: String, upTo length: Int) -> String {
        if text.utf8.count <= length, isPlain(text) { return text }
        let scalars = contexts(of: text.unicodeScalars.prefix(length)).map { $0.isShown ? $0.scalar : replacement }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } }

    private static func contexts(of scalars: some Sequence<Unicode.Scalar>) -> [ScalarInContext] {
        let scalars = Array(scalars)
        return scalars.indices.map { index in
            ScalarInContext(
                before: index > 0 ? scalars[index - 1] : nil, scalar: scalars[index],
                after: index + 1 < scalars.count ? scalars[index + 1] : nil)
        }
    }
}

/// Some scalars are invisible alone, and change how the scalars beside them look.
private struct ScalarInContext {
    let before: Unicode.Scalar?
    let scalar: Unicode.Scalar
    let after: Unicode.Scalar?

    var isShown: Bool {
        switch scalar {
        case "\u{FE0F}": before?.isPicture ?? false || after?.value == 0x20E3
        case "\u{200D}": isAfterVirama || (before?.isPicture ?? false) && (after?.isPicture ?? false)
        case "\u{200C}": isAfterVirama || (before?.isArabicLetter ?? false) && (after?.isArabicLetter ?? false)
        // A device may know newer characters than this server.
        default: scalar.isVisible || scalar.properties.generalCategory == .spaceSeparator || scalar.isUnknown
        }
    }

    /// RFC 5892 appendices A.1 and A.2.
    private var isAfterVirama: Bool { before?.properties.canonicalCombiningClass == .virama }
}

extension Unicode.Scalar {
    /// Whether it is no control, format, separator, private-use, surrogate or unassigned character, and not invisible.
    var isVisible: Bool {
        if properties.isDefaultIgnorableCodePoint || isBlank { return false }
        return switch properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            false
        default:
            true
        }
    }

    /// Invisible, although Unicode calls it a letter, a mark or a symbol: the Braille blank, fillers, the null notehead.
    private var isBlank: Bool { [0x2800, 0x1_3441, 0x1_3442, 0x1_6FE4, 0x1_D159].contains(value) }

    fileprivate var isUnknown: Bool {
        properties.generalCategory == .unassigned && !properties.isDefaultIgnorableCodePoint && !properties.isNoncharacterCodePoint
    }

    /// A part of an emoji sequence (UTS #51 §1.4.9). Unicode also counts ASCII digits as emoji; they are left out here.
    fileprivate var isPicture: Bool { value > 0x7F && (properties.isEmoji || value == 0xFE0F) }

    fileprivate var isArabicLetter: Bool { (0x0620...0x06FF).contains(value) && properties.generalCategory == .otherLetter }
}
