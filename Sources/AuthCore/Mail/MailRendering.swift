/// Writes the text of mails.
public protocol MailRendering: Sendable {
    /// - Throws: ``AuthError/internalError(cause:)`` if the templates lack this kind.
    func render(_ kind: MailKind, in locale: MailLocale, _ values: MailValues) throws(AuthError) -> MailMessage.Content
}

/// What the templates of mails may name. A template that does not use a value leaves it out.
public struct MailValues: Sendable {
    /// The name of the service that people know, for example "Example".
    public var service: String
    /// The account's address as its owner wrote it.
    public var email: String
    /// The name that the owner has chosen; `nil` if there is none.
    public var displayName: String?
    /// The link to the page on which the reader acts; `nil` if this kind has none.
    public var link: String?
    /// How long the link works, in minutes.
    public var linkMinutes: Int?
    /// What to type where a link cannot be opened; `nil` if this kind has none.
    public var code: String?
    /// How long the code works, in minutes.
    public var codeMinutes: Int?
    /// The link to "this wasn't me"; `nil` if this kind has none.
    public var secureLink: String?
    /// When it happened, in UTC: `2026-12-01 10:58 UTC`.
    public var time: String
    /// The client's IP address; `nil` if it is not known.
    public var ip: String?
    /// The client's user agent, which the client chooses, so it can say anything; `nil` if there is none.
    public var userAgent: String?
    /// The new address, if it was changed.
    public var newEmail: String?
    /// Why an operator did it; `nil` if they gave no reason.
    public var reason: String?
    /// When the account will be deleted, in UTC.
    public var deletedAfter: String?

    /// The values that every mail has. The others are `nil` until they are set.
    public init(service: String, email: String, time: String) {
        self.service = service
        self.email = email
        self.time = time
    }
}
