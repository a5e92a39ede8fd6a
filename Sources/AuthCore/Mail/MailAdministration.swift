/// What operators see of mails, and what they do with them.
public struct MailAdministration: Sendable {
    private let store: any MailAdministrationStore
    private let kit: Kit
    private let outlet: MailOutlet
    private let policy: MailPolicy

    init(store: any MailAdministrationStore, kit: Kit, outlet: MailOutlet, policy: MailPolicy) {
        (self.store, self.kit, self.outlet, self.policy) = (store, kit, outlet, policy)
    }

    /// The newest mails first.
    ///
    /// - Parameter state: `nil` for all states.
    public func list(state: String?, limit: Int) async throws(AuthError) -> [MailRecord] {
        try await store.list(state: state, limit: limit)
    }

    /// - Returns: `nil` if there is no such mail.
    public func find(_ id: MailID) async throws(AuthError) -> MailRecord? { try await store.find(id) }

    /// - Returns: `false` if there is no such mail, or if it is finished or being sent.
    public func cancel(_ id: MailID, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.cancel(id, event: kit.identifiers.event(.mailCancelled, of: id.routing, origin))
    }

    /// Queues a finished mail again, with new links.
    ///
    /// - Returns: `false` if there is no such mail, or if it is not finished.
    public func resend(_ id: MailID, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.resend(id, event: kit.identifiers.event(.mailResent, of: id.routing, origin))
    }

    /// Notes that mails to the address come back: nothing is sent to it any more.
    ///
    /// - Returns: `false` if that is known already.
    public func suppress(_ email: EmailAddress, reason: String, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.suppress(
            email, reason: reason, event: kit.identifiers.event(.mailSuppressed, of: try kit.routing.key(of: email), origin))
    }

    /// Mails are sent to the address again.
    ///
    /// - Returns: `false` if they were.
    public func unsuppress(_ email: EmailAddress, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.unsuppress(email, event: kit.identifiers.event(.mailUnsuppressed, of: try kit.routing.key(of: email), origin))
    }

    /// Sends one mail now, not through the queue.
    public func sendTest(to email: EmailAddress, locale: MailLocale) async throws(AuthError) -> MailOutcome {
        let content = try outlet.rendering.render(
            .test, in: locale, MailValues(service: policy.service, email: email.text, time: "\(kit.clock.now())"))
        let id: MailID = kit.identifiers.make(routing: .random())
        return await outlet.transport.send(MailMessage(id: id, recipient: email, locale: locale, content: content))
    }
}

/// A mail as an operator sees it. It has no secret.
public struct MailRecord: Sendable {
    public let id: MailID
    public let kind: String
    public let email: String
    public let userID: UserID?
    public let state: String
    public let attempts: Int32
    public let dueAt: Timestamp
    /// The last answer of the mail server, or what failed.
    public let answer: String?
    public let createdAt: Timestamp
    public let finishedAt: Timestamp?

    /// - Parameter answer: of the mail server, or what failed; `nil` before the first attempt.
    public init(
        id: MailID, kind: String, email: String, userID: UserID?, state: String, attempts: Int32, dueAt: Timestamp, answer: String?,
        createdAt: Timestamp, finishedAt: Timestamp?
    ) {
        (self.id, self.kind, self.email, self.userID, self.state) = (id, kind, email, userID, state)
        (self.attempts, self.dueAt, self.answer, self.createdAt, self.finishedAt) = (attempts, dueAt, answer, createdAt, finishedAt)
    }
}

/// The mails as operators change them. Each change and its event are one transaction.
public protocol MailAdministrationStore: Sendable {
    /// The newest first.
    ///
    /// - Parameter state: `nil` for all states.
    func list(state: String?, limit: Int) async throws(AuthError) -> [MailRecord]
    /// - Returns: `nil` if there is no such mail.
    func find(_ id: MailID) async throws(AuthError) -> MailRecord?
    /// Ends a mail that waits.
    ///
    /// - Returns: whether there was something to change, as the next ones do.
    func cancel(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool
    /// Queues a finished mail again.
    func resend(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool
    /// Nothing is sent to the address from now on.
    func suppress(_ email: EmailAddress, reason: String, event: AuditEvent) async throws(AuthError) -> Bool
    /// Mails are sent to the address again.
    func unsuppress(_ email: EmailAddress, event: AuditEvent) async throws(AuthError) -> Bool
}

extension AuditKind {
    public static let mailCancelled = AuditKind("mail_cancelled")
    public static let mailResent = AuditKind("mail_resent")
    /// Nothing is sent to an address any more.
    public static let mailSuppressed = AuditKind("mail_suppressed")
    public static let mailUnsuppressed = AuditKind("mail_unsuppressed")
}
