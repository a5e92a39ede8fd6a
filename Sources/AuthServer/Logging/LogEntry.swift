import Logging

/// One line of the log. Text from outside is escaped, so that an entry is one line and one JSON object.
struct LogEntry {
    let time: String
    let level: String
    let message: String
    let metadata: Logger.Metadata

    func line(_ format: LoggingSettings.Format) -> String { format == .json ? json : text }

    private var text: String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quotedIfNeeded(Self.plain($0.value)))" }.joined()
        return "\(time) \(level.uppercased()) \(Self.escaped(message))\(fields)\n"
    }

    private var json: String {
        let fields = metadata.sorted { $0.key < $1.key }.map { ",\(Self.quoted($0.key)):\(Self.json($0.value))" }.joined()
        return "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"message\":\(Self.quoted(message))\(fields)}\n"
    }

    /// A list is written as its elements with commas between them.
    private static func plain(_ value: Logger.MetadataValue) -> String {
        guard case .array(let values) = value else { return value.description }
        return values.map(plain).joined(separator: ",")
    }

    /// Numbers and booleans are written as such.
    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): literal(value) ?? quoted(value.description)
        case .array(let values): "[\(values.map(json).joined(separator: ","))]"
        case .dictionary(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ","))}"
        }
    }

    private static func literal(_ value: any CustomStringConvertible) -> String? {
        switch value {
        case let value as Int: value.description
        case let value as Double: value.isFinite ? value.description : nil
        case let value as Bool: value.description
        case let value as any BinaryInteger: value.description
        default: nil
        }
    }

    private static func quotedIfNeeded(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C && $0 != 0x3D }
        return isPlain ? value : quoted(value)
    }

    private static func quoted(_ value: String) -> String { "\"\(escaped(value))\"" }

    /// JSON's escapes (RFC 8259 §7). Every control, format and separator character is escaped too, because a terminal or a program that
    /// reads lines might act on it.
    static func escaped(_ value: String) -> String {
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
