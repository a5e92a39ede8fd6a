import AuthCore

extension AbsentStore: EmailStore, RecoveryStore, ProfileStore, DeletionStore {
    func queueVerification(of user: UserID, mail: NewMail, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func verify(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func queueChange(of user: UserID, to email: EmailAddress, mail: NewMail, event: AuditEvent) async throws(AuthError) { try fail() }
    func change(_ change: EmailChangeOrder) async throws(AuthError) { try fail() }
    func undo(_ undo: EmailUndoOrder) async throws(AuthError) { try fail() }

    func reset(_ order: PasswordResetOrder) async throws(AuthError) -> Bool { try fail() }
    func secure(_ order: SecuringOrder) async throws(AuthError) -> Bool { try fail() }

    func profile(of user: UserID) async throws(AuthError) -> Profile? { try fail() }
    func change(_ change: ProfileChange, of user: UserID, event: AuditEvent) async throws(AuthError) -> Profile? { try fail() }

    func export(_ user: UserID, event: AuditEvent) async throws(AuthError) -> String? { try fail() }

    func schedule(_ user: UserID, grace: Duration, notice: NewMail?, event: AuditEvent) async throws(AuthError) -> Timestamp? { try fail() }
    func restore(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func condemn(_ user: UserID) async throws(AuthError) -> Bool { try fail() }
    func due(limit: Int) async throws(AuthError) -> [UserID] { try fail() }
    func addresses(of user: UserID) async throws(AuthError) -> [String] { try fail() }
    func erase(_ user: UserID, addresses: [EmailAddress], event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
}

extension AbsentStore: OneTimeTokenStore, MailRequestStore, MailQueueStore, MailAdministrationStore {
    func find(_ token: PresentedOneTimeToken) async throws(AuthError) -> OneTimeTokenSubject? { try fail() }
    func countCodeTry(of user: UserID, _ purposes: [OneTimeTokenPurpose]) async throws(AuthError) -> CodeAttempt? { try fail() }

    func queue(_ mail: NewMail, to email: EmailAddress, locale: MailLocale?, event: AuditEvent) async throws(AuthError) -> Duration? {
        try fail()
    }
    func spend(_ email: EmailAddress) async throws(AuthError) -> Duration? { try fail() }

    func claim(limit: Int, lease: Duration) async throws(AuthError) -> [ClaimedMail] { try fail() }
    func account(_ user: UserID) async throws(AuthError) -> MailAccount? { try fail() }
    func owner(of email: EmailAddress) async throws(AuthError) -> MailAccount? { try fail() }
    func suppression(of email: EmailAddress) async throws(AuthError) -> String? { try fail() }
    func store(
        _ tokens: [NewOneTimeToken], of mail: ClaimedMail, account: UserID?, about email: EmailAddress
    ) async throws(AuthError) -> Bool { try fail() }
    func finish(_ mail: ClaimedMail, _ result: MailResult) async throws(AuthError) { try fail() }

    func list(state: String?, limit: Int) async throws(AuthError) -> [MailRecord] { try fail() }
    func find(_ id: MailID) async throws(AuthError) -> MailRecord? { try fail() }
    func cancel(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func resend(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func suppress(_ email: EmailAddress, reason: String, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func unsuppress(_ email: EmailAddress, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
}
