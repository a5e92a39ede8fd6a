public import AuthCore
import NIOConcurrencyHelpers

/// Takes all mails, and keeps them for a test. What becomes of an attempt can be chosen.
public final class MailSink: MailTransport, MailRendering {
    /// A mail as its reader sees it.
    public struct Letter: Sendable {
        public let message: MailMessage
        public let kind: MailKind
        public let values: MailValues

        /// The token of its link; empty if it has no link.
        public var token: String { Self.token(values.link) }
        /// The token of "this wasn't me"; empty if it has no such link.
        public var secureToken: String { Self.token(values.secureLink) }

        private static func token(_ link: String?) -> String {
            link.flatMap { link in link.split(separator: "token=").last.map(String.init) } ?? ""
        }
    }

    private struct State {
        var rendered: [String: (MailKind, MailValues)] = [:]
        var letters: [Letter] = []
        var attempts = 0
        var answer: @Sendable (MailMessage) async -> MailOutcome = { _ in .sent("250 ok") }
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    /// The mails that were sent, in their order.
    public var letters: [Letter] { state.withLockedValue(\.letters) }
    /// Attempts, whatever became of them.
    public var attempts: Int { state.withLockedValue(\.attempts) }

    /// What becomes of the attempts from now on.
    public func answer(_ answer: @escaping @Sendable (MailMessage) async -> MailOutcome) { state.withLockedValue { $0.answer = answer } }

    public func render(_ kind: MailKind, in locale: MailLocale, _ values: MailValues) throws(AuthError) -> MailMessage.Content {
        let text = "\(kind.rawValue) \(values.link ?? "") \(values.secureLink ?? "") \(UInt64.random(in: 0 ... .max))"
        state.withLockedValue { $0.rendered[text] = (kind, values) }
        return MailMessage.Content(subject: kind.rawValue, text: text, html: text)
    }

    public func send(_ message: MailMessage) async -> MailOutcome {
        let answer = state.withLockedValue { state in
            state.attempts += 1
            return state.answer
        }
        let outcome = await answer(message)
        state.withLockedValue { state in
            guard case .sent = outcome, let (kind, values) = state.rendered[message.content.text] else { return }
            state.letters.append(Letter(message: message, kind: kind, values: values))
        }
        return outcome
    }
}

extension MailOutlet {
    /// - Parameter sink: gets all mails.
    public init(_ sink: MailSink) { self.init(rendering: sink, transport: sink) }
}

extension AccountStore {
    /// An account may always log in unverified.
    public func credentials(for email: EmailAddress) async throws(AuthError) -> Credentials? {
        try await credentials(for: email, verificationGrace: nil)
    }
}
