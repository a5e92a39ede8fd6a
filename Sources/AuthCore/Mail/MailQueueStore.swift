/// A mail that an instance has taken to send it.
public struct ClaimedMail: Sendable {
    public let id: MailID
    public let kind: MailKind
    /// `nil` if the mail was asked for by its address.
    public let userID: UserID?
    /// As its owner wrote it.
    public let email: String
    public let locale: MailLocale?
    public let details: MailDetails
    public let createdAt: Timestamp
    /// How long ago that was when it was claimed.
    public let age: Duration
    /// The number of this attempt: 1, 2, 3 …
    public let attempt: Int32
    /// Whether the same mail was asked for again after this one.
    public let hasSuccessor: Bool

    /// What the row of the queue has.
    public init(
        id: MailID, kind: MailKind, userID: UserID?, email: String, locale: MailLocale?, details: MailDetails, createdAt: Timestamp,
        age: Duration, attempt: Int32, hasSuccessor: Bool
    ) {
        (self.id, self.kind, self.userID, self.email, self.locale, self.details) = (id, kind, userID, email, locale, details)
        (self.createdAt, self.age, self.attempt, self.hasSuccessor) = (createdAt, age, attempt, hasSuccessor)
    }
}

/// What a mail tells of its cause.
public struct MailDetails: Hashable, Sendable {
    public var ip: String?
    public var userAgent: String?
    public var newEmail: String?
    public var reason: String?

    /// What the row of the queue has.
    public init(ip: String? = nil, userAgent: String? = nil, newEmail: String? = nil, reason: String? = nil) {
        (self.ip, self.userAgent, self.newEmail, self.reason) = (ip, userAgent, newEmail, reason)
    }
}

/// The account that a mail is about, at the time of sending.
public struct MailAccount: Sendable {
    public let id: UserID
    public let email: String
    /// `nil` also if the address is not verified: a stranger who registers it must not choose what a mail to its owner says.
    public let displayName: String?
    public let locale: MailLocale?
    public let isDisabled: Bool
    /// `nil` unless it will be deleted.
    public let deletedAfter: Timestamp?

    /// What the row of the queue has.
    public init(
        id: UserID, email: String, displayName: String?, locale: MailLocale?, isDisabled: Bool, deletedAfter: Timestamp?
    ) {
        (self.id, self.email, self.displayName, self.locale) = (id, email, displayName, locale)
        (self.isDisabled, self.deletedAfter) = (isDisabled, deletedAfter)
    }
}

/// The end of an attempt, or of the mail.
public enum MailResult: Hashable, Sendable {
    case sent(String)
    /// Another attempt follows after the delay.
    case deferred(String, delay: Duration)
    /// The mail server refuses it for good.
    case failed(String)
    /// It was tried for too long.
    case givenUp(String)
    /// Nothing is sent to this address.
    case suppressed(String)
    /// It is not needed any more.
    case cancelled(String)
    /// Its address has no account, so there is nothing to keep. The row is removed.
    case unwanted
}

/// The queue as senders see it. Every function is one transaction.
public protocol MailQueueStore: Sendable {
    /// Takes mails that are due. No other instance gets them during the lease.
    func claim(limit: Int, lease: Duration) async throws(AuthError) -> [ClaimedMail]

    /// - Returns: `nil` if there is no such account.
    func account(_ user: UserID) async throws(AuthError) -> MailAccount?

    /// - Returns: `nil` if the address has no account.
    func owner(of email: EmailAddress) async throws(AuthError) -> MailAccount?

    /// Why nothing is sent to the address; `nil` if mails are sent.
    func suppression(of email: EmailAddress) async throws(AuthError) -> String?

    /// Stores the tokens of one attempt, and ends tokens that they replace. All have the routing key of the account, or of the address.
    ///
    /// - Parameter account: `nil` if there is no account yet.
    /// - Returns: `false` if the account or its address has changed, so that the mail must not be sent.
    func store(
        _ tokens: [NewOneTimeToken], of mail: ClaimedMail, account: UserID?, about email: EmailAddress
    ) async throws(AuthError) -> Bool

    /// Ends the attempt, unless its lease is over and another instance has taken the mail.
    func finish(_ mail: ClaimedMail, _ result: MailResult) async throws(AuthError)
}
