/// Takes requests for mails. Nobody can flood an address: each has a budget, which is counted whether or not the address has an account.
struct MailRequests: Sendable {
    private let queue: any MailRequestStore
    private let kit: Kit
    private let attempts: AttemptLimits
    private let policy: MailPolicy

    init(queue: any MailRequestStore, kit: Kit, attempts: AttemptLimits, policy: MailPolicy) {
        (self.queue, self.kit, self.attempts, self.policy) = (queue, kit, attempts, policy)
    }

    /// - Throws: ``AuthError/mailOff``.
    func requireMail() throws(AuthError) {
        guard policy.isOn else { throw .mailOff }
    }

    /// Queues a mail to an address, whether or not it has an account. The sender finds that out, so the answer and its time tell nothing.
    ///
    /// - Throws: ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func queue(
        _ kind: MailKind, to email: EmailAddress, locale: MailLocale?, event: AuditKind, _ origin: RequestOrigin
    ) async throws(AuthError) {
        try requireMail()
        try await attempts.count(.mail, origin)
        let routing = try kit.routing.key(of: email)
        let mail = NewMail(id: kit.identifiers.make(routing: routing), kind: kind)
        let event = kit.identifiers.event(event, of: routing, origin)
        if let wait = try await queue.queue(mail, to: email, locale: locale, event: event) { throw .tooManyAttempts(retryAfter: wait) }
    }

    /// Spends one mail of the budget of an address. The caller queues the mail in a transaction of its own after that.
    ///
    /// - Throws: the same errors.
    func spend(_ email: EmailAddress, _ origin: RequestOrigin) async throws(AuthError) {
        try requireMail()
        try await attempts.count(.mail, origin)
        if let wait = try await queue.spend(email) { throw .tooManyAttempts(retryAfter: wait) }
    }

    func mail(_ kind: MailKind, of user: UserID) -> NewMail {
        NewMail(id: kit.identifiers.make(routing: user.routing), kind: kind)
    }
}

/// Queues requested mails, within the budget of their address (``MailBudget``).
public protocol MailRequestStore: Sendable {
    /// Counts the mail in the budget of the address, and queues it, in one transaction with the event.
    ///
    /// - Returns: `nil` if it is queued; otherwise how long the budget is used up.
    func queue(_ mail: NewMail, to email: EmailAddress, locale: MailLocale?, event: AuditEvent) async throws(AuthError) -> Duration?

    /// Counts a mail in the budget of the address.
    ///
    /// - Returns: `nil` if it is counted; otherwise how long the budget is used up.
    func spend(_ email: EmailAddress) async throws(AuthError) -> Duration?
}
