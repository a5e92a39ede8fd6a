import AuthCore
import CCurl
import CLibcurl

extension MailOutcome {
    /// - Parameters:
    ///   - code: libcurl's result. It counts before the mail server's answer, which may be of an earlier step.
    ///   - detail: libcurl's words for it, if it has any.
    init(_ code: CURLcode, _ dialogue: SMTPDialogue, detail: String) {
        let failure = SMTPFailure(code: code, dialogue: dialogue, detail: detail)
        switch code {
        case CURLE_OK: self = .sent(dialogue.answer?.text ?? "")
        case CURLE_LOGIN_DENIED, CURLE_USE_SSL_FAILED:
            self = failure.isTransient ? .deferred(failure.text) : .misconfigured(failure.text)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL,
            CURLE_NOT_BUILT_IN, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION:
            self = .misconfigured(failure.text)
        default: self = Self.byAnswer(failure)
        }
    }

    private static func byAnswer(_ failure: SMTPFailure) -> MailOutcome {
        if failure.dialogue.awaitsAnswerToMail { return .unknown(failure.text) }
        guard let refusal = failure.refusal, refusal.isPermanent else { return .deferred(failure.text) }
        // A server that greets with 554 refuses this service, whatever the mail is.
        return refusal.concernsCredentials || !failure.dialogue.concernsMail ? .misconfigured(failure.text) : .refused(failure.text)
    }
}

/// A mail that was not sent, and the words for operators.
struct SMTPFailure {
    let code: CURLcode
    let dialogue: SMTPDialogue
    let detail: String

    /// The answer, if it is a 4yz or a 5yz, and if the transfer has failed because of it.
    var refusal: SMTPDialogue.Answer? {
        dialogue.answer.flatMap { $0.isTransient || $0.isPermanent ? $0 : nil }
    }

    var isTransient: Bool { refusal?.isTransient ?? false }

    var text: String { refusal?.text ?? "\(reason)\(place)" }

    private var reason: String {
        switch code {
        case CURLE_USE_SSL_FAILED: "the mail server offers no STARTTLS"
        case CURLE_LOGIN_DENIED: "the mail server offers neither AUTH PLAIN nor AUTH LOGIN"
        case CURLE_OPERATION_TIMEDOUT: "the time for an answer of the mail server is over"
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING: "the connection to the mail server has ended"
        case CURLE_ABORTED_BY_CALLBACK: "this service is shutting down"
        default: words
        }
    }

    /// libcurl's message says more than its name for the code, for example why a certificate is not accepted.
    private var words: String {
        let name = MailText.shown(String(cString: curl_easy_strerror(code)))
        return detail.isEmpty ? name : MailText.shown(detail)
    }

    private var place: String {
        guard let command = dialogue.command else { return dialogue.answer == nil ? "" : ", after the greeting" }
        return ", after \(command.rawValue)" + (dialogue.awaitsAnswerToMail ? " and the mail" : "")
    }
}
