public import AuthCore
import Glibc
import NIOConcurrencyHelpers
public import SystemThread

/// Hands mails to a mail server over SMTP (RFC 5321), by libcurl, on threads of its own. Connections are kept for the next mails.
public final class SMTPTransport: MailTransport {
    private let sender: MailSender
    private let pool: SMTPPool
    private let isStarted = NIOLockedValueBox(false)

    /// Connects only when there is a mail to send.
    public init(server: SMTPServer, sender: MailSender, limits: SMTPLimits = SMTPLimits()) {
        self.sender = sender
        pool = SMTPPool(server: server, greeting: sender.mailbox.domain, limits: limits)
    }

    deinit { pool.close() }

    /// Starts the threads. Only the first call does something.
    ///
    /// - Throws: `SystemThread.Refused` if the system refuses a thread. Nothing can be sent then.
    public func start() throws(SystemThread.Refused) {
        let isFirst = isStarted.withLockedValue { isStarted in
            defer { isStarted = true }
            return !isStarted
        }
        if isFirst { try pool.start() }
    }

    /// Tries once, within ``SMTPLimits/whole``. A caller that is cancelled still waits for the outcome.
    public func send(_ message: MailMessage) async -> MailOutcome {
        guard isStarted.withLockedValue({ $0 }) else { return .deferred("the mail transport has not been started") }
        do throws(OutgoingMail.Refused) {
            return await pool.send(try OutgoingMail(message, from: sender, time: time(nil)))
        } catch {
            return .refused(error.reason)
        }
    }

    /// Defers the mails that wait, lets those under way finish for `grace`, then ends them and the threads.
    public func shutdown(grace: Duration = .seconds(2)) async {
        pool.close()
        await wait(atMost: grace)
        pool.cut()
        // libcurl looks once a second whether it shall end a name look-up.
        await wait(atMost: .seconds(3))
    }

    private func wait(atMost limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while !pool.isStopped, .now < deadline {
            // A caller that is cancelled still wants the threads gone.
            await Task { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
    }
}
