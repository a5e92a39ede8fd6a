import FoundationEssentials

/// Text in header fields. What is not short ASCII becomes encoded-words (RFC 2047), one in a line.
enum HeaderText {
    /// In UTF-8. With `Subject: `, `=?UTF-8?B?` and `?=` around its Base64, an encoded-word fits into the 76 octets of a line (RFC 2047 §2).
    private static let octetsOfWord = 39
    /// What fits behind the name of the field into the 78 octets of RFC 5322 §2.1.1.
    private static let octetsOfLine = 66

    /// For a field that people read, such as the subject (RFC 5322 §2.2.1).
    static func unstructured(_ text: String) -> String {
        isPlain(text) ? text : encodedWords(text)
    }

    /// For the name before an address (`display-name`, RFC 5322 §3.4): a quoted string or encoded-words.
    static func phrase(_ text: String) -> String {
        guard isPlain(text) else { return encodedWords(text) }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Whether no reader takes it for an encoded-word, and no line is too long.
    private static func isPlain(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        let looksEncoded = zip(octets, octets.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
        return octets.count <= octetsOfLine && octets.allSatisfy { (0x20...0x7E).contains($0) } && !looksEncoded
    }

    /// No word ends within a character (RFC 2047 §5).
    private static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        for scalar in text.unicodeScalars {
            let octets = Array(UTF8.encode(scalar)!)
            if word.count + octets.count > octetsOfWord {
                words.append(encoded(word))
                word = []
            }
            word += octets
        }
        return (words + [encoded(word)]).joined(separator: "\r\n ")
    }

    private static func encoded(_ octets: [UInt8]) -> String { "=?UTF-8?B?\(Data(octets).base64EncodedString())?=" }
}
