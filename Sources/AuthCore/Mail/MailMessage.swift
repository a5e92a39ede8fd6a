public import FoundationEssentials

/// A mail that is ready to be sent.
public struct MailMessage: Sendable {
    /// Text in both forms, and its subject in one line.
    public struct Content: Hashable, Sendable {
        public let subject: String
        public let text: String
        public let html: String

        /// The parts of a mail, in the order in which a reader meets them.
        public init(subject: String, text: String, html: String) {
            self.subject = subject
            self.text = text
            self.html = html
        }
    }

    /// The same for every attempt to send this mail. It becomes the `Message-ID` (RFC 5322 §3.6.4), by which a receiver sees duplicates.
    public let id: MailID
    /// The only recipient.
    public let recipient: EmailAddress
    public let locale: MailLocale
    public let content: Content

    /// The parts of a mail, in the order in which a reader meets them.
    public init(id: MailID, recipient: EmailAddress, locale: MailLocale, content: Content) {
        self.id = id
        self.recipient = recipient
        self.locale = locale
        self.content = content
    }
}

/// The id of a mail. It contains the routing key of the account, or of the address if there is no account.
public struct MailID: RoutedID {
    public let uuid: UUID
    /// The parts of a mail, in the order in which a reader meets them.
    public init(_ uuid: UUID) { self.uuid = uuid }
}
