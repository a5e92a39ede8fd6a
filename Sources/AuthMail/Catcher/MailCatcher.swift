public import AuthCore
import NIOConcurrencyHelpers

/// Keeps mails in memory instead of sending them, for development. It holds working links, so production has none.
public final class MailCatcher: MailTransport {
    /// The number of mails that are kept: the newest.
    public static let capacity = 200

    private let messages = NIOLockedValueBox<[MailMessage]>([])

    /// Without mails.
    public init() {}

    /// The newest mail first.
    public var newest: [MailMessage] { messages.withLockedValue { messages in messages.reversed() } }

    /// Keeps the mail.
    public func send(_ message: MailMessage) async -> MailOutcome {
        messages.withLockedValue { messages in
            messages.append(message)
            if messages.count > Self.capacity { messages.removeFirst() }
        }
        return .sent("kept for the page of the listener for operators")
    }
}
