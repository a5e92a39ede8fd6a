/// A password in Unicode normalisation form C, as NIST SP 800-63B §3.1.1.2 asks; nothing else is changed. Never printed.
public struct Password: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The plaintext. For hashing and strength estimation only.
    public let plaintext: String
    /// The text before it was normalised, for the look-up in a blocklist only.
    let typed: String

    public init(_ text: String, rules: some TextRules) {
        typed = text
        plaintext = rules.normalized(text)
    }

    public var description: String { "****" }
    public var debugDescription: String { description }
}

/// A password hash in PHC string format, parameters and salt included. Never printed.
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let phc: String

    public init(phc: String) {
        self.phc = phc
    }

    public var description: String { "****" }
    public var debugDescription: String { description }
}
