/// What the client and the mail server have said about one mail. It belongs to one thread.
struct SMTPDialogue {
    /// RFC 5321 §4.1.1, RFC 3207, RFC 4954.
    enum Command: String, CaseIterable {
        case ehlo = "EHLO"
        case helo = "HELO"
        case startTLS = "STARTTLS"
        case auth = "AUTH"
        case mail = "MAIL"
        case recipient = "RCPT"
        case data = "DATA"
        case quit = "QUIT"

        /// Whether an answer to it is about the mail, and not about the service.
        fileprivate var concernsMail: Bool { [.mail, .recipient, .data].contains(self) }
    }

    /// RFC 5321 §4.2.
    struct Answer {
        let code: Int
        /// Its last line, for operators.
        let text: String

        var isTransient: Bool { (400...499).contains(code) }
        var isPermanent: Bool { (500...599).contains(code) }
        /// 530, 534, 535, 538 (RFC 4954 §6): the credentials are missing or wrong.
        var concernsCredentials: Bool { [530, 534, 535, 538].contains(code) }
    }

    /// The last one before QUIT.
    private(set) var command: Command?
    /// The last one before QUIT.
    private(set) var answer: Answer?
    private var hasQuit = false

    var concernsMail: Bool { command?.concernsMail ?? false }
    /// The mail server has said "354 go ahead" and nothing after it, so it may have the mail.
    var awaitsAnswerToMail: Bool { command == .data && answer?.code == 354 }

    /// - Returns: the command. `nil` for another line, such as one with credentials, which is not kept.
    mutating func send(_ line: some Collection<UInt8>) -> Command? {
        let word = line.prefix { $0 > 0x20 }
        guard let sent = Command.allCases.first(where: { $0.rawValue.utf8.elementsEqual(word) }) else { return nil }
        if sent == .quit { hasQuit = true } else { command = sent }
        return sent
    }

    /// Only the last line of an answer has no hyphen after the code (RFC 5321 §4.2.1).
    mutating func receive(_ line: some Collection<UInt8>) {
        let digits = line.prefix(3)
        guard !hasQuit, digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
        guard line.dropFirst(3).first != UInt8(ascii: "-") else { return }
        let text = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        answer = Answer(code: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }, text: MailText.shown(String(decoding: text, as: UTF8.self)))
    }
}
