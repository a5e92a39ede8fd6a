/// Sends queued mails. Every instance does; none takes a mail that another is sending.
public struct MailDelivery: Sendable {
    /// Mails that are worked at together.
    private static let batch = 16

    private let queue: any MailQueueStore
    private let planner: MailPlanner
    private let writer: MailWriter
    private let transport: any MailTransport
    private let policy: MailPolicy

    init(queue: any MailQueueStore, kit: Kit, tokens: OneTimeTokens, outlet: MailOutlet, policy: MailPolicy) {
        self.queue = queue
        planner = MailPlanner(queue: queue, rules: kit.rules)
        writer = MailWriter(
            queue: queue, tokens: tokens, rendering: outlet.rendering, links: MailLinks(publicURL: policy.publicURL), routing: kit.routing,
            service: policy.service)
        transport = outlet.transport
        self.policy = policy
    }

    /// Sends what is due, until nothing is.
    ///
    /// - Parameter pause: called after each batch with the time that it took.
    /// - Returns: how many attempts it made.
    /// - Throws: what `pause` throws, and ``AuthError/unavailable(cause:)``.
    public func sendDue(pause: (Duration) async throws -> Void) async throws -> Int {
        var attempts = 0
        while true {
            let start = ContinuousClock.now
            let mails = try await queue.claim(limit: Self.batch, lease: policy.lease)
            if mails.isEmpty { return attempts }
            attempts += mails.count
            await withTaskGroup(of: Void.self) { group in
                for mail in mails { group.addTask { await deliver(mail) } }
            }
            try await pause(.now - start)
        }
    }

    /// One mail that cannot be written does not keep the others. If the database is away, the end of the lease brings the mail back.
    private func deliver(_ mail: ClaimedMail) async {
        let result: MailResult
        do throws(AuthError) { result = try await self.result(of: mail) } catch { result = deferred(mail, error.causeForLog ?? error.code) }
        try? await queue.finish(mail, result)
    }

    private func result(of mail: ClaimedMail) async throws(AuthError) -> MailResult {
        let letter: MailPlan.Letter
        switch try await planner.plan(mail) {
        case .end(let result): return result
        case .send(let planned): letter = planned
        }
        guard let message = try await writer.message(letter, for: mail) else { return .cancelled("The account has changed meanwhile.") }
        return result(await transport.send(message), of: mail)
    }

    private func result(_ outcome: MailOutcome, of mail: ClaimedMail) -> MailResult {
        switch outcome {
        case .sent(let answer): .sent(answer)
        case .refused(let answer): .failed(answer)
        case .deferred(let reason), .misconfigured(let reason), .unknown(let reason):
            deferred(mail, reason)
        }
    }

    private func deferred(_ mail: ClaimedMail, _ reason: String) -> MailResult {
        let delay = policy.delay(after: Int(mail.attempt))
        return mail.age + delay > MailPolicy.longestRetry ? .givenUp(reason) : .deferred(reason, delay: delay)
    }
}

extension MailDelivery {
    /// Looks for mails once a second, because people wait for them.
    public var job: Job {
        var job = Job("mail", every: .seconds(1), failure: "mails could not be sent") { rest in
            let attempts = try await sendDue(pause: rest)
            return Job.Outcome(notice: attempts == 0 ? nil : Job.Notice(.debug, "worked at mails", ["mails": attempts]))
        }
        job.firstPause = .seconds(1)
        job.pauseAfterFailure = .seconds(5)
        return job
    }
}
