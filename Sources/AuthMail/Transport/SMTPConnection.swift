import AuthCore
import CCurl
import CLibcurl

/// A connection to the mail server, which is kept from one mail to the next. It belongs to one thread, which it blocks.
final class SMTPConnection {
    private let server: SMTPServer
    private let domain: String
    private let limits: SMTPLimits
    private let sockets: SMTPSockets
    private let isCancelled: @Sendable () -> Bool
    private var handle: UnsafeMutableRawPointer?

    /// - Parameters:
    ///   - domain: of this client, for EHLO.
    ///   - sockets: where the connection's socket is, so that another thread can cut it.
    ///   - isCancelled: asked again and again whether the mail under way shall end.
    init(
        to server: SMTPServer, greeting domain: String, _ limits: SMTPLimits, _ sockets: SMTPSockets,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.server = server
        self.domain = domain
        self.limits = limits
        self.sockets = sockets
        self.isCancelled = isCancelled
    }

    deinit { close() }

    func send(_ mail: OutgoingMail, until deadline: ContinuousClock.Instant) -> MailOutcome {
        if handle == nil, CurlLibrary.status == CURLE_OK { handle = curl_easy_init() }
        guard let handle else { return .deferred("libcurl has no memory for a connection") }
        let transfer = SMTPTransfer(mail, over: handle, sockets, isCancelled: isCancelled)
        let (code, outcome) = transfer.perform(to: server, greeting: domain, limits, within: deadline - .now)
        // libcurl keeps a connection on which the answer to a mail is late, and would take that for the answer to the next mail's command.
        if code != CURLE_OK { close() }
        return outcome
    }

    /// Says QUIT without waiting for the answer.
    func close() {
        sockets.stopReading()
        curl_easy_cleanup(handle)
        handle = nil
    }
}
