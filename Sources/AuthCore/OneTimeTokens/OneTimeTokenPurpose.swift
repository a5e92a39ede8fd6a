/// What a one-time token permits, and nothing else.
public enum OneTimeTokenPurpose: String, CaseIterable, Sendable {
    case verifyEmail = "verify_email"
    case resetPassword = "reset_password"
    case confirmRegistration = "confirm_registration"
    case acceptInvitation = "accept_invitation"
    /// Makes a new address the account's.
    case confirmEmail = "confirm_email"
    /// Gives the account its former address back.
    case undoEmail = "undo_email"
    /// Keeps an account that was to be deleted.
    case restoreAccount = "restore_account"
    /// "This wasn't me": ends all sessions, forces a reset of the password, and freezes the address.
    case secureAccount = "secure_account"
}
