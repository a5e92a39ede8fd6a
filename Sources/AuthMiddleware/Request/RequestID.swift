import FoundationEssentials

/// The id of a request in its answer, in the log and in the audit trail.
public enum RequestID {
    /// Long enough for any tracing scheme, short enough for every log line and audit row.
    private static let maximumLength = 128

    static func fresh() -> String { UUID().uuidString.lowercased() }

    /// - Returns: the id that the client chose; `nil` if it is not harmless.
    public static func accepted(_ text: String) -> String? {
        let isHarmless = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isHarmless && (1...maximumLength).contains(text.utf8.count) ? text : nil
    }
}
