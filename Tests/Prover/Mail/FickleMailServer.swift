import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport

/// A mail server that behaves in another way every few seconds, always on the same port.
final class FickleMailServer: Sendable {
    enum Mood: String, CaseIterable, Sendable {
        case well, down, slow, busy, greylisting, refusing, hangingUp, losingAnswers
    }

    private struct State {
        var mood = Mood.well
        var server: MailServer?
        var greylisted: Set<Int> = []
    }

    let port: Int
    private let history: MailHistory
    private let state = NIOLockedValueBox(State())

    init(_ history: MailHistory) throws {
        self.history = history
        let server = try MailServer()
        port = server.port
        server.stop()
        try turn(.well)
    }

    /// From now on it behaves like this.
    func turn(_ mood: Mood) throws {
        let isRunning = state.withLockedValue { state in
            state.mood = mood
            if mood == .down {
                state.server?.stop()
                state.server = nil
            }
            return state.server != nil
        }
        guard mood != .down, !isRunning else { return }
        let server = try open()
        state.withLockedValue { $0.server = server }
    }

    func stop() { state.withLockedValue { $0.server?.stop() } }

    /// The port may be busy for a moment after the server before.
    private func open() throws -> MailServer {
        for _ in 0..<200 {
            if let server = try? MailServer(port: port, onMail: take, script) { return server }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return try MailServer(port: port, onMail: take, script)
    }

    private var mood: Mood { state.withLockedValue(\.mood) }

    private var script: MailServer.Script {
        { [self] step, number in
            switch (mood, step) {
            case (.slow, .message): Thread.sleep(forTimeInterval: 1)
            case (.busy, .mail): return .say("451 4.3.2 try again later")
            case (.greylisting, .recipient):
                let isNew = state.withLockedValue { $0.greylisted.insert(number).inserted }
                return isNew ? .say("450 4.2.0 greylisted, come back") : nil
            case (.refusing, .message): return .say("554 5.6.0 not this one")
            case (.hangingUp, .data): return .last("354 go ahead")
            case (.losingAnswers, .message): return .drop
            default: break
            }
            return nil
        }
    }

    /// A mail counts as sent once the server has it, also if the answer to it gets lost.
    private func take(_ mail: MailServer.Mail) {
        // Other addresses are of registrations by which the run sees that a server is back.
        guard let letter = Letter(mail), !letter.address.hasPrefix("r") else { return }
        if mood == .refusing { return history.refuse(letter.address) }
        history.add(
            MailHistory.Delivery(letter.kind, letter.address, messageID: letter.messageID, time: history.now, token: letter.token))
    }
}

/// What the prover reads in a mail.
private struct Letter {
    let kind: MailHistory.Cause.Kind
    let address: String
    let messageID: String
    let token: String

    init?(_ mail: MailServer.Mail) {
        let text = mail.text.replacing("=\r\n", with: "").replacing("=3D", with: "=")
        guard let link = text.firstMatch(of: /\/account\/([a-z]+)\?token=(aot_[A-Za-z0-9_\-]+)/),
            let id = text.firstMatch(of: /Message-ID: <([^>]+)>/), let recipient = mail.recipients.first
        else { return nil }
        switch link.1 {
        case "verify": kind = .verify
        case "reset": kind = .reset
        default: return nil
        }
        (address, messageID, token) = (recipient, String(id.1), String(link.2))
    }
}
