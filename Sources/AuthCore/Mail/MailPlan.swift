/// What the sender does with a queued mail, after it has looked at the account.
enum MailPlan: Sendable {
    case send(Letter)
    case end(MailResult)

    /// What is to be written, and to whom.
    struct Letter: Sendable {
        let kind: MailKind
        let recipient: EmailAddress
        /// `nil` if there is no account yet.
        let account: MailAccount?
        /// What its link permits; `nil` if it has no link.
        let link: OneTimeTokenPurpose?

        /// The tokens that it needs: for its link, and for "this wasn't me".
        var purposes: [OneTimeTokenPurpose] {
            [link, kind.isNotice && link != .undoEmail ? .secureAccount : nil].compactMap(\.self)
        }
    }
}

extension MailKind {
    /// Tells the owner what has happened.
    public var isNotice: Bool {
        switch self {
        case .passwordChanged, .emailChanged, .newSignIn, .tokenReused, .accountDisabled, .deletionScheduled: true
        case .verifyEmail, .resetPassword, .confirmRegistration, .addressTaken, .invitation, .confirmEmail, .test: false
        }
    }

    /// What the link of the mail permits.
    var purpose: OneTimeTokenPurpose? {
        switch self {
        case .verifyEmail: .verifyEmail
        case .resetPassword: .resetPassword
        case .confirmRegistration: .confirmRegistration
        case .invitation: .acceptInvitation
        case .confirmEmail: .confirmEmail
        case .emailChanged: .undoEmail
        case .deletionScheduled: .restoreAccount
        case .passwordChanged, .newSignIn, .tokenReused, .accountDisabled, .addressTaken, .test: nil
        }
    }
}

/// Decides what becomes of a mail. The request that asked for it has not looked at the account, so that it told nobody whether there is one.
struct MailPlanner: Sendable {
    let queue: any MailQueueStore
    let rules: any TextRules

    func plan(_ mail: ClaimedMail) async throws(AuthError) -> MailPlan {
        guard let recipient = EmailAddress(mail.email, rules: rules) else { return .end(.failed("The address is not valid.")) }
        if mail.hasSuccessor, mail.kind.purpose?.isSuperseded == true { return .end(.cancelled("The same mail was asked for again.")) }
        let plan = try await planned(mail, recipient)
        guard case .send(let letter) = plan, let reason = try await queue.suppression(of: letter.recipient) else { return plan }
        return .end(.suppressed(reason))
    }

    private func planned(_ mail: ClaimedMail, _ recipient: EmailAddress) async throws(AuthError) -> MailPlan {
        guard let user = mail.userID else { return try await requestedByAddress(mail, recipient) }
        guard let account = try await queue.account(user) else { return .end(.cancelled("The account is gone.")) }
        switch mail.kind {
        case .confirmEmail: return try await change(of: account, to: recipient)
        case .deletionScheduled where account.deletedAfter == nil: return .end(.cancelled("The account is kept."))
        case .verifyEmail where !recipient.text.hasSameOctets(as: account.email):
            return .end(.cancelled("The account has another address now."))
        default: return .send(MailPlan.Letter(kind: mail.kind, recipient: recipient, account: account, link: mail.kind.purpose))
        }
    }

    private func requestedByAddress(_ mail: ClaimedMail, _ recipient: EmailAddress) async throws(AuthError) -> MailPlan {
        let owner = try await queue.owner(of: recipient)
        switch mail.kind {
        case .confirmRegistration, .invitation:
            guard let owner else {
                return .send(MailPlan.Letter(kind: mail.kind, recipient: recipient, account: nil, link: mail.kind.purpose))
            }
            return mail.kind == .invitation ? .end(.cancelled("The address has an account.")) : taken(owner)
        case .resetPassword:
            guard let owner, !owner.isDisabled else { return .end(.unwanted) }
            return letter(.resetPassword, to: owner)
        default: return .send(MailPlan.Letter(kind: mail.kind, recipient: recipient, account: nil, link: nil))
        }
    }

    /// The new address may belong to somebody else. They are told, and the account that asked is not.
    private func change(of account: MailAccount, to recipient: EmailAddress) async throws(AuthError) -> MailPlan {
        guard let owner = try await queue.owner(of: recipient), owner.id != account.id else {
            return .send(MailPlan.Letter(kind: .confirmEmail, recipient: recipient, account: account, link: .confirmEmail))
        }
        return taken(owner)
    }

    private func taken(_ owner: MailAccount) -> MailPlan { letter(.addressTaken, to: owner) }

    /// To the address that is stored, not to the one that was typed.
    private func letter(_ kind: MailKind, to owner: MailAccount) -> MailPlan {
        guard let recipient = EmailAddress(owner.email, rules: rules) else { return .end(.failed("The address is not valid.")) }
        return .send(MailPlan.Letter(kind: kind, recipient: recipient, account: owner, link: kind.purpose))
    }
}
