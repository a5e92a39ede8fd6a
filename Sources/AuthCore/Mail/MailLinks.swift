/// The links in mails. They are built from ``MailPolicy/publicURL`` alone, whatever a request says about the host.
struct MailLinks: Sendable {
    let publicURL: String

    /// The page on which the reader acts. To open it changes nothing.
    func link(_ purpose: OneTimeTokenPurpose, _ token: String) -> String {
        "\(publicURL)/account/\(purpose.action)?token=\(token)"
    }
}

extension OneTimeTokenPurpose {
    /// The last part of the path of the page that a link opens.
    public var action: String {
        switch self {
        case .verifyEmail: "verify"
        case .resetPassword: "reset"
        case .confirmRegistration: "register"
        case .acceptInvitation: "invitation"
        case .confirmEmail: "confirm"
        case .undoEmail: "undo"
        case .restoreAccount: "restore"
        case .secureAccount: "secure"
        }
    }
}
