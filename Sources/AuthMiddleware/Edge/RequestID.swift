import FoundationEssentials

/// What names a request in its answer, the log and the audit trail.
enum RequestID {
    /// Long enough for any tracing scheme, short enough for every log line and audit row.
    private static let maximumLength = 128

    static func fresh() -> String { UUID().uuidString.lowercased() }

    /// - Returns: the client's own, where it is harmless.
    static func accepted(_ text: String) -> String? {
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
