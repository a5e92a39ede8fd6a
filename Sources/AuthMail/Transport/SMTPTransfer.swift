import AuthCore
import CCurl
import CLibcurl

/// One mail on its way over a handle of libcurl. It belongs to one thread.
final class SMTPTransfer {
    private let handle: UnsafeMutableRawPointer
    private let sockets: SMTPSockets
    private let isCancelled: @Sendable () -> Bool
    private let mail: OutgoingMail
    private let header: CurlList
    private let recipients: CurlList
    private let parts: OpaquePointer?
    private var detail = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    private var dialogue = SMTPDialogue()

    init(_ mail: OutgoingMail, over handle: UnsafeMutableRawPointer, _ sockets: SMTPSockets, isCancelled: @escaping @Sendable () -> Bool) {
        self.mail = mail
        self.handle = handle
        self.sockets = sockets
        self.isCancelled = isCancelled
        header = CurlList(mail.header)
        recipients = CurlList([mail.recipient])
        parts = curl_mime_init(handle)
    }

    deinit { curl_mime_free(parts) }

    /// - Parameter time: for the rest of this mail.
    func perform(to server: SMTPServer, greeting domain: String, _ limits: SMTPLimits, within time: Duration) -> (CURLcode, MailOutcome) {
        var options = CurlOptions(handle)
        options.reach(server, greeting: domain)
        options.protect(server)
        options.limit(limits, within: time)
        options.set(CURLOPT_MAIL_FROM, mail.sender)
        options.set(CURLOPT_MAIL_RCPT, recipients)
        options.set(CURLOPT_HTTPHEADER, header)
        addParts(&options)
        addCallbacks(&options)
        let code = detail.withUnsafeMutableBufferPointer { detail in
            options.note(curl_set_error_buffer(handle, detail.baseAddress))
            // The handle outlives this transfer, and keeps nothing of it but the connection.
            defer { curl_easy_reset(handle) }
            return withExtendedLifetime(self) { options.status == CURLE_OK ? curl_easy_perform(handle) : options.status }
        }
        let words = String(decoding: detail.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (code, MailOutcome(code, dialogue, detail: words))
    }

    private func addParts(_ options: inout CurlOptions) {
        for (type, octets) in [("text/plain; charset=UTF-8", mail.text), ("text/html; charset=UTF-8", mail.html)] {
            let part = curl_mime_addpart(parts)
            options.note(octets.withUnsafeBytes { curl_mime_data(part, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) })
            options.note(curl_mime_type(part, type))
            options.note(curl_mime_encoder(part, "quoted-printable"))
        }
        options.note(curl_set_parts(handle, parts))
    }

    private func addCallbacks(_ options: inout CurlOptions) {
        let (transfer, sockets) = (Unmanaged.passUnretained(self).toOpaque(), Unmanaged.passUnretained(sockets).toOpaque())
        options.note(curl_set_observer(handle, Self.observe, transfer))
        options.note(curl_set_progress(handle, Self.shallEnd, transfer))
        options.note(curl_set_sockets(handle, SMTPSockets.openSocket, SMTPSockets.closeSocket, sockets))
    }
}

extension SMTPTransfer {
    /// libcurl calls it with each line of the dialogue, among other things.
    private static let observe: curl_debug_callback = { _, kind, octets, count, context in
        guard let octets, let context else { return 0 }
        let line = UnsafeRawBufferPointer(start: octets, count: count)
        let transfer = Unmanaged<SMTPTransfer>.fromOpaque(context).takeUnretainedValue()
        switch kind {
        case CURLINFO_HEADER_OUT: transfer.sent(line)
        case CURLINFO_HEADER_IN: transfer.dialogue.receive(line)
        default: break
        }
        return 0
    }

    /// libcurl waits for the answer to QUIT as long as for any other. The mail's outcome does not depend on it.
    private func sent(_ line: UnsafeRawBufferPointer) {
        if dialogue.send(line) == .quit { sockets.stopReading() }
    }

    /// libcurl calls it at least once a second.
    private static let shallEnd: curl_xferinfo_callback = { context, _, _, _, _ in
        guard let context else { return 0 }
        return Unmanaged<SMTPTransfer>.fromOpaque(context).takeUnretainedValue().isCancelled() ? 1 : 0
    }
}
