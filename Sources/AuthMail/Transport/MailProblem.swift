/// Why a setting of mail is refused.
public struct MailProblem: Error, Hashable, CustomStringConvertible {
    /// The rest of a sentence that begins with the name of the setting. It shows no secret.
    public let description: String

    init(_ description: String) { self.description = description }
}
