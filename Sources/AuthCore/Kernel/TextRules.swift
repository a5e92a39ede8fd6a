/// Unicode's rules for names and passwords, from a maintained library.
public protocol TextRules: Sendable {
    /// The text in normalisation form C (UAX #15).
    func normalized(_ text: String) -> String
    /// The domain name lower-cased in A-label form (IDNA2008 with UTS #46 mapping); `nil` if it is none.
    func asciiDomain(_ domain: String) -> String?
}
