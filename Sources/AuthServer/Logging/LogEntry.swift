/// One line of the log. Whatever comes from outside is escaped, so that an entry is one line and one JSON object.
struct LogEntry {
    let time: String
    let level: String
    let message: String
    let metadata: [String: String]

    func line(_ format: ServerConfiguration.LogFormat) -> String { format == .json ? json : text }

    private var text: String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quotedIfNeeded($0.value))" }.joined()
        return "\(time) \(level.uppercased()) \(Self.escaped(message))\(fields)\n"
    }

    private var json: String {
        let fields = metadata.sorted { $0.key < $1.key }.map { ",\(Self.quoted($0.key)):\(Self.quoted($0.value))" }.joined()
        return "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"message\":\(Self.quoted(message))\(fields)}\n"
    }

    private static func quotedIfNeeded(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C && $0 != 0x3D }
        return isPlain ? value : quoted(value)
    }

    private static func quoted(_ value: String) -> String { "\"\(escaped(value))\"" }

    /// JSON's escapes (RFC 8259 §7), and beyond them every control, format and separator character, which a terminal or a
    /// line-based reader might obey.
    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if isSafe(scalar) { result.unicodeScalars.append(scalar) } else { result += unicodeEscape(scalar) }
            }
        }
        return result
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func unicodeEscape(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
