/// How long one-time tokens and codes work.
public struct OneTimeTokenPolicy: Sendable {
    public var verification: Duration = .seconds(24 * 3600)
    public var reset: Duration = .seconds(20 * 60)
    public var invitation: Duration = .seconds(7 * 86_400)
    /// To undo a change of address, and to say "this wasn't me".
    public var undo: Duration = .seconds(72 * 3600)
    public var code: Duration = .seconds(15 * 60)
    /// How long a deleted account can be restored.
    public var deletionGrace: Duration

    /// - Parameter deletionGrace: how long a deleted account can be restored.
    public init(deletionGrace: Duration) {
        self.deletionGrace = deletionGrace
    }

    /// From the making of a token to its end.
    public func lifetime(of purpose: OneTimeTokenPurpose) -> Duration {
        switch purpose {
        case .verifyEmail, .confirmRegistration, .confirmEmail: verification
        case .resetPassword: reset
        case .acceptInvitation: invitation
        case .undoEmail, .secureAccount: undo
        case .restoreAccount: deletionGrace
        }
    }
}

extension OneTimeTokenPurpose {
    /// Whether the mail has a code too, for people who cannot open the link where they need it.
    public var hasCode: Bool { self == .verifyEmail || self == .confirmEmail }

    /// Whether a newer mail of the same kind ends the tokens of older ones. The tokens of notices stay: a stranger could cause a newer notice.
    public var isSuperseded: Bool {
        switch self {
        case .verifyEmail, .resetPassword, .confirmRegistration, .acceptInvitation, .confirmEmail: true
        case .undoEmail, .restoreAccount, .secureAccount: false
        }
    }
}
