import Foundation
import NIOConcurrencyHelpers

/// A mail server on the loopback interface, over plain sockets. A test says what it answers, so it can be slow, refuse, or be silent.
package final class MailServer: Sendable {
    /// What the server answers next.
    package enum Step: String, CaseIterable, Sendable {
        case greeting, hello, auth, mail, recipient, data, message, quit
    }

    package enum Answer: Sendable {
        /// Lines of the protocol.
        case say(String)
        /// Lines of the protocol, and the end of the connection.
        case last(String)
        /// Never an answer, while the client stays.
        case silence
        /// The end of the connection.
        case drop
    }

    package struct Mail: Sendable {
        package let sender: String
        package let recipients: [String]
        package let octets: [UInt8]
        package var text: String { String(decoding: octets, as: UTF8.self) }
        package var header: String { text.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ") }
    }

    /// - Parameters:
    ///   - step: what the server answers.
    ///   - number: of the connection, from 1.
    package typealias Script = @Sendable (_ step: Step, _ number: Int) -> Answer?

    private struct State {
        var connections = 0
        var open: Set<Int32> = []
        var mostOpen = 0
        var mails: [Mail] = []
        var lines: [String] = []
        var isStopped = false
    }

    package let port: Int
    private let listener: Int32
    private let script: Script
    private let onMail: @Sendable (Mail) -> Void
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - port: `nil` for any free one.
    ///   - onMail: called with each mail before the answer to it.
    ///   - script: returns `nil` for the usual answer.
    package init(
        port wanted: Int? = nil, onMail: @escaping @Sendable (Mail) -> Void = { _ in }, _ script: @escaping Script = { _, _ in nil }
    ) throws {
        (self.script, self.onMail) = (script, onMail)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_port = in_port_t(wanted ?? 0).bigEndian
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard status else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread.detachNewThread { self.accept() }
    }

    package var connections: Int { state.withLockedValue { $0.connections } }
    package var mostOpen: Int { state.withLockedValue { $0.mostOpen } }
    package var mails: [Mail] { state.withLockedValue { $0.mails } }
    /// All lines that clients have sent, except those of mails.
    package var lines: [String] { state.withLockedValue { $0.lines } }
    package var isDisconnected: Bool { state.withLockedValue { $0.open.isEmpty } }

    /// Ends all connections. New ones are not accepted.
    package func stop() {
        state.withLockedValue { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for each in state.open { shutdown(each, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        defer { close(listener) }
        for _ in 0..<10_000 {
            let descriptor = Foundation.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            var time = timeval(tv_sec: 90, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
            let number = state.withLockedValue { state in
                state.connections += 1
                state.open.insert(descriptor)
                state.mostOpen = max(state.mostOpen, state.open.count)
                return state.connections
            }
            Thread.detachNewThread { [self] in
                var conversation = MailConversation(descriptor: descriptor, number: number, server: self)
                conversation.run()
                shutdown(descriptor, Int32(SHUT_RDWR))
                state.withLockedValue { _ = $0.open.remove(descriptor) }
                close(descriptor)
            }
        }
    }

    fileprivate func answer(_ step: Step, _ number: Int) -> Answer? { script(step, number) }
    fileprivate func note(_ line: String) { state.withLockedValue { $0.lines.append(line) } }
    fileprivate func take(_ mail: Mail) {
        onMail(mail)
        state.withLockedValue { $0.mails.append(mail) }
    }
}

/// One connection to the server.
private struct MailConversation {
    let descriptor: Int32
    let number: Int
    let server: MailServer
    var unread: [UInt8] = []
    var sender = ""
    var recipients: [String] = []

    mutating func run() {
        guard say(.greeting, "220 mail.example.net ESMTP") else { return }
        for _ in 0..<10_000 {
            guard let line = line().map({ String(decoding: $0, as: UTF8.self) }) else { return }
            server.note(line)
            guard obey(line) else { return }
        }
    }

    private mutating func obey(_ line: String) -> Bool {
        switch line.prefix(4).uppercased() {
        case "EHLO", "HELO": return say(.hello, "250-mail.example.net\r\n250-8BITMIME\r\n250 SIZE 1000000")
        case "AUTH": return send("334 ") && takeCredentials() && say(.auth, "235 2.7.0 accepted")
        case "MAIL":
            (sender, recipients) = (Self.address(in: line), [])
            return say(.mail, "250 2.1.0 ok")
        case "RCPT":
            recipients.append(Self.address(in: line))
            return say(.recipient, "250 2.1.5 ok")
        case "DATA": return say(.data, "354 go ahead") && (answersWith354 ? takeMessage() : true)
        case "QUIT":
            _ = say(.quit, "221 2.0.0 bye")
            return false
        default: return send("500 5.5.1 what?")
        }
    }

    private mutating func takeCredentials() -> Bool {
        guard let line = line() else { return false }
        server.note("credentials " + String(decoding: line, as: UTF8.self))
        return true
    }

    private var answersWith354: Bool {
        if case .say(let text) = server.answer(.data, number) { text.hasPrefix("354") } else { true }
    }

    private mutating func takeMessage() -> Bool {
        var octets: [UInt8] = []
        while let line = line() {
            if line == [UInt8(ascii: ".")] {
                server.take(MailServer.Mail(sender: sender, recipients: recipients, octets: octets))
                return say(.message, "250 2.0.0 queued as \(number)")
            }
            octets += (line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]) + [13, 10]
        }
        return false
    }

    /// - Returns: whether the conversation goes on.
    private mutating func say(_ step: MailServer.Step, _ usual: String) -> Bool {
        switch server.answer(step, number) {
        case nil: send(usual)
        case .say(let text): send(text)
        case .last(let text): send(text) && false
        case .drop: false
        case .silence: waitForEnd()
        }
    }

    private mutating func waitForEnd() -> Bool {
        while let line = line() { server.note(String(decoding: line, as: UTF8.self)) }
        return false
    }

    private func send(_ text: String) -> Bool {
        let octets = Array((text + "\r\n").utf8)
        return Foundation.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count
    }

    /// Without its end. `nil` at the end of the connection, or after 90 s.
    private mutating func line() -> [UInt8]? {
        while true {
            if let end = unread.firstIndex(of: 10) {
                defer { unread.removeSubrange(...end) }
                return Array(unread[..<end].reversed().drop { $0 == 13 }.reversed())
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0, unread.count < 10_000_000 else { return nil }
            unread += buffer[..<count]
        }
    }

    private static func address(in line: String) -> String {
        guard let open = line.firstIndex(of: "<"), let close = line.lastIndex(of: ">") else { return line }
        return String(line[line.index(after: open)..<close])
    }
}
