import AuthCore
import Glibc

/// A mail in the terms of the protocol: one sender, one recipient, the header fields, the text in both forms.
struct OutgoingMail: Sendable {
    /// The mail has something that no mail may have.
    struct Refused: Error {
        let reason: String
    }

    let sender: String
    let recipient: String
    /// Each is a header field with its name. Long ones are folded.
    let header: [String]
    let text: [UInt8]
    let html: [UInt8]

    /// - Parameter time: the time of this attempt, in seconds since 1970.
    /// - Throws: ``Refused`` if a value has a control character, with which it could begin another header field or command.
    init(_ message: MailMessage, from sender: MailSender, time: Int) throws(Refused) {
        guard let recipient = Mailbox(message.recipient) else { throw Refused(reason: "the address has characters that no mail can go to") }
        let subject = message.content.subject
        guard !MailText.hasControls(subject) else { throw Refused(reason: "the subject has a control character") }
        self.sender = sender.mailbox.text
        self.recipient = recipient.text
        header = [
            "Date: \(MailDate.text(secondsSince1970: time))",
            "From: \(Self.from(sender))",
            "To: \(recipient.text)",
            "Subject: \(HeaderText.unstructured(subject))",
            "Message-ID: <\(message.id.uuid.text)@\(sender.mailbox.domain)>",
            "MIME-Version: 1.0",
            // libcurl adds the boundary.
            "Content-Type: multipart/alternative",
            "Content-Language: \(message.locale.rawValue)",
            // RFC 3834 §5: nothing answers such a mail by itself.
            "Auto-Submitted: auto-generated",
        ]
        text = MailText.withCanonicalLines(message.content.text)
        html = MailText.withCanonicalLines(message.content.html)
    }

    private static func from(_ sender: MailSender) -> String {
        guard !sender.name.isEmpty else { return sender.mailbox.text }
        let (name, address) = (HeaderText.phrase(sender.name), "<\(sender.mailbox.text)>")
        return name.utf8.count + address.utf8.count > 70 ? "\(name)\r\n \(address)" : "\(name) \(address)"
    }
}

/// The date of a mail (RFC 5322 §3.3), in UTC.
enum MailDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(secondsSince1970: Int) -> String {
        var (time, date) = (time_t(secondsSince1970), tm())
        gmtime_r(&time, &date)
        let clock = [date.tm_hour, date.tm_min, date.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(days[Int(date.tm_wday)]), \(date.tm_mday) \(months[Int(date.tm_mon)]) \(date.tm_year + 1900) \(clock) +0000"
    }
}
