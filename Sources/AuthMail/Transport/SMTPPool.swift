import AuthCore
import Dispatch
import Glibc
import NIOConcurrencyHelpers
import Synchronization
import SystemThread

/// The connections to the mail server with their threads, and the queue before them.
///
/// libcurl's multi interface would need only one thread, but waits on it for the answer to DATA (`smtp_block_statemach` in `smtp.c`):
/// one mail for which the server takes long would hold up all the others, beyond their deadlines.
final class SMTPPool: Sendable {
    struct Job: Sendable {
        let mail: OutgoingMail
        let answer: CheckedContinuation<MailOutcome, Never>
    }

    private let server: SMTPServer
    private let domain: String
    private let limits: SMTPLimits
    private let queue: NIOLockedValueBox<SMTPQueue<Job>>
    private let wakeups: [DispatchSemaphore]
    private let sockets: [SMTPSockets]
    private let running = Atomic(0)
    private let isCut = Atomic(false)

    init(server: SMTPServer, greeting domain: String, limits: SMTPLimits) {
        self.server = server
        self.domain = domain
        self.limits = limits
        queue = NIOLockedValueBox(SMTPQueue(connections: limits.connections, maximumWaiting: limits.waiting))
        wakeups = (0..<limits.connections).map { _ in DispatchSemaphore(value: 0) }
        sockets = (0..<limits.connections).map { _ in SMTPSockets() }
    }

    /// Call it once.
    func start() throws(SystemThread.Refused) {
        for number in wakeups.indices {
            running.add(1, ordering: .relaxed)
            do {
                try SystemThread.start(named: "smtp-\(number)") { self.run(number) }
            } catch {
                running.subtract(1, ordering: .relaxed)
                close()
                throw error
            }
        }
    }

    func send(_ mail: OutgoingMail) async -> MailOutcome {
        let deadline = ContinuousClock.now + limits.whole
        return await withCheckedContinuation { continuation in
            switch queue.withLockedValue({ $0.submit(Job(mail: mail, answer: continuation), deadline: deadline) }) {
            case .wake(let number): wakeups[number].signal()
            case .waits: break
            case .full: continuation.resume(returning: .deferred("\(limits.waiting) mails wait for a connection to the mail server"))
            case .closed: continuation.resume(returning: Self.stopped)
            }
        }
    }

    /// Admits no more mails, and answers those that wait. The threads end after the mails that they have.
    func close() {
        for job in queue.withLockedValue({ $0.close() }) { job.answer.resume(returning: Self.stopped) }
        for wakeup in wakeups { wakeup.signal() }
    }

    /// Ends the mails that are under way.
    func cut() {
        isCut.store(true, ordering: .relaxed)
        for each in sockets { each.cut() }
    }

    var isStopped: Bool { running.load(ordering: .acquiring) == 0 }

    private static let stopped = MailOutcome.deferred("this service is shutting down")
    private static let late = MailOutcome.deferred("no connection to the mail server was free in time")

    private func run(_ number: Int) {
        let connection = SMTPConnection(to: server, greeting: domain, limits, sockets[number]) { self.isCut.load(ordering: .relaxed) }
        var finished: (job: Job, outcome: MailOutcome)?
        wakeups[number].wait()
        while true {
            // The connection is free before the caller hears of its mail: it may send the next one immediately.
            let (next, isClosed) = queue.withLockedValue { ($0.next(for: number, now: .now), $0.isClosed) }
            if let (job, outcome) = finished { job.answer.resume(returning: outcome) }
            finished = nil
            for job in next.expired { job.answer.resume(returning: Self.late) }
            if let entry = next.entry {
                finished = (entry.job, connection.send(entry.job.mail, until: entry.deadline))
            } else if isClosed {
                break
            } else {
                wait(for: number, connection)
            }
        }
        connection.close()
        running.subtract(1, ordering: .releasing)
    }

    /// For the next mail, and closes the connection if none comes for some time.
    private func wait(for number: Int, _ connection: SMTPConnection) {
        let idle = DispatchTime.now() + .milliseconds(Int(limits.idle / .milliseconds(1)))
        guard wakeups[number].wait(timeout: idle) == .timedOut else { return }
        connection.close()
        wakeups[number].wait()
    }
}
