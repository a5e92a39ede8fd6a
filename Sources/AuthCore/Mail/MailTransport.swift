/// Hands mails to a mail server.
public protocol MailTransport: Sendable {
    /// Tries once, within a bounded time. It does not block the thread of its caller.
    func send(_ message: MailMessage) async -> MailOutcome
}

/// What became of one attempt to send a mail. Each text is for operators: the answer of the mail server, or what failed.
public enum MailOutcome: Hashable, Sendable {
    /// The mail server has taken the mail (250 after DATA, RFC 5321 §4.2.3).
    case sent(String)
    /// Another attempt later may succeed: no connection, or an answer 4yz.
    case deferred(String)
    /// The mail server refuses this mail or this recipient for good: an answer 5yz.
    case refused(String)
    /// The settings are wrong, not the mail: credentials, certificate, or STARTTLS is missing. The mail waits until that is corrected.
    case misconfigured(String)
    /// The answer was lost after the mail had been sent. Another attempt has the same Message-ID.
    case unknown(String)
}
