/// What happened, in the words of the OWASP Logging Vocabulary. A kind is declared beside the code that records it. docs/audit.md lists
/// them all.
public struct AuditKind: Hashable, Sendable {
    /// As the column `type` of the trail has it.
    public let rawValue: String

    init(_ rawValue: String) {
        self.rawValue = rawValue
    }
}
