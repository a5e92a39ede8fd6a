/// Who may register, and whether an address must be verified.
public struct RegistrationPolicy: Sendable {
    /// Who may register.
    public enum Mode: String, CaseIterable, Sendable {
        /// Everyone. The answer tells whether an address has an account.
        case open
        /// Everyone who opens the link in a mail. The answer is the same for every address, and there is no account before that.
        case verified
        /// Those whom an operator has invited.
        case invited
        /// Nobody.
        case closed
    }

    public var mode: Mode
    /// How long after its registration an account may log in unverified; `nil` for always.
    public var verificationGrace: Duration?

    /// - Parameter verificationGrace: how long an account may log in unverified; `nil` for always.
    public init(mode: Mode, verificationGrace: Duration?) {
        self.mode = mode
        self.verificationGrace = verificationGrace
    }
}
