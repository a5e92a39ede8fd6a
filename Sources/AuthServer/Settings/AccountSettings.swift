import AuthCore

enum AccountSettings {
    /// Whether an unverified account may log in.
    enum Verification: String, CaseIterable, Sendable { case optional, required }

    static let registration = Setting<RegistrationPolicy.Mode>(
        "REGISTRATION", .choice, default: "open",
        "Who may register: everyone; everyone who opens the link in a mail (verified); those who are invited; nobody (closed).")
    static let verification = Setting<Verification>(
        "EMAIL_VERIFICATION", .choice, default: "optional", "Whether an account must verify its address before it can log in.")
    static let verificationGrace = Setting(
        "EMAIL_VERIFICATION_GRACE", .duration(from: "0s", to: "90d"), default: "0s",
        "How long after its registration an unverified account may log in, if EMAIL_VERIFICATION is required.")
    static let deletionGrace = Setting(
        "ACCOUNT_DELETION_GRACE", .duration(from: "0s", to: "90d"), default: "7d",
        "How long a deleted account can be restored. After that it is erased.")

    static func read(_ read: inout SettingReader, mail: MailPolicy) -> (RegistrationPolicy, OneTimeTokenPolicy) {
        read.section = "Accounts"
        let mode = read(registration)
        let isRequired = read(verification) == .required
        let grace = read(verificationGrace)
        let policy = RegistrationPolicy(mode: mode, verificationGrace: isRequired ? grace : nil)
        let tokens = OneTimeTokenPolicy(deletionGrace: read(deletionGrace))
        read.require(mail.isOn || mode == .open || mode == .closed, registration, MailSettings.service) { mode, _ in
            "\(mode) needs mail: set MAIL_URL"
        }
        read.require(mail.isOn || !isRequired, verification, MailSettings.service) { mode, _ in "\(mode) needs mail: set MAIL_URL" }
        return (policy, tokens)
    }
}
