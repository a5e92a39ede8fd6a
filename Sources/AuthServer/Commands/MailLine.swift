import AuthCore

/// A mail in the JSON of `auth-api mail list`. Fields without a value are left out.
struct MailLine: Encodable {
    let id, created, kind, to, state: String
    let attempts: Int32
    /// The id of the account; `nil` if the mail was asked for by its address.
    let account: String?
    /// `nil` if the mail is finished.
    let nextAttempt: String?
    let answer: String?
    let finished: String?

    enum CodingKeys: String, CodingKey {
        case id, created, kind, to, state, attempts, account, answer, finished
        case nextAttempt = "next_attempt"
    }

    init(_ mail: MailRecord) {
        (id, kind, to, state, attempts, answer) = (mail.id.text, mail.kind, mail.email, mail.state, mail.attempts, mail.answer)
        created = "\(mail.createdAt)"
        account = mail.userID?.text
        nextAttempt = mail.finishedAt == nil ? "\(mail.dueAt)" : nil
        finished = mail.finishedAt.map { time in "\(time)" }
    }
}

extension MailRecord {
    static let headings = ["ID", "CREATED", "KIND", "TO", "STATE", "ATTEMPTS", "NEXT ATTEMPT OR ANSWER"]

    /// The columns of a table, in the order of ``headings``.
    var row: [String] {
        let end = finishedAt == nil ? "\(dueAt)" : LogEntry.escaped(answer ?? "-")
        return [id.text, "\(createdAt)", kind, LogEntry.escaped(email), state, "\(attempts)", end]
    }

    /// A line for each thing that the server knows.
    var lines: String {
        var lines = [
            "id        \(id.text)", "kind      \(kind)", "to        \(LogEntry.escaped(email))",
            "account   \(userID?.text ?? "none: it was asked for by its address")", "created   \(createdAt)", "state     \(state)",
            "attempts  \(attempts)",
        ]
        lines.append(finishedAt.map { time in "finished  \(time)" } ?? "due       \(dueAt)")
        if let answer { lines.append("answer    \(LogEntry.escaped(answer))") }
        return lines.joined(separator: "\n")
    }
}
