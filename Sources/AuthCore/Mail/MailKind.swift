/// What a mail is about. Each kind has templates of its own: `mail/LOCALE/KIND.subject`, `.txt` and `.html`.
public enum MailKind: String, CaseIterable, Sendable {
    // What somebody has asked for.

    /// Proves that the account's address is its owner's: a link, and a code to type.
    case verifyEmail = "verify_email"
    /// A link to a page that sets a new password.
    case resetPassword = "reset_password"
    /// A link that finishes a registration. The account does not exist before that.
    case confirmRegistration = "confirm_registration"
    /// To the owner of an account: somebody has tried to register their address, or to give it to another account.
    case addressTaken = "address_taken"
    /// A link that makes an account for somebody whom an operator has invited.
    case invitation
    /// To a new address: a link and a code that make it the account's address.
    case confirmEmail = "confirm_email"

    // What has happened. Each has a link to "this wasn't me".

    case passwordChanged = "password_changed"
    /// To the old address, with a link that undoes the change.
    case emailChanged = "email_changed"
    /// Somebody signed in from a device and a network that the account did not know.
    case newSignIn = "new_sign_in"
    /// An old refresh token was used again, so a copy of it exists. Its session has been ended.
    case tokenReused = "token_reused"
    case accountDisabled = "account_disabled"
    /// The account will be deleted; a link that keeps it.
    case deletionScheduled = "deletion_scheduled"

    /// An operator tries whether mails arrive.
    case test
}
