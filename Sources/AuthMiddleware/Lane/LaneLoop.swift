import AuthCore
import Logging
import NIOCore

/// The lane on one event loop: the questions that one turn of the loop reads from its connections leave together, and their
/// answers come back together.
final class LaneLoop {
    private struct Question {
        let request: LaneRequest
        let handler: LaneHandler
    }

    /// More would make those who came first wait for those who came last.
    private static let questionsAtOnce = 128

    /// What most answers fit in, in octets.
    private static let answerSize = 512

    private let lane: GuardedLane.Parts
    private let eventLoop: any EventLoop
    private var gathered: [Question] = []
    private var answer: LaneAnswer
    private var ids = FreshRequestIDs()

    init(_ lane: GuardedLane.Parts, eventLoop: any EventLoop) {
        self.lane = lane
        self.eventLoop = eventLoop
        answer = LaneAnswer(isSecure: lane.isSecure, variesByOrigin: lane.variesByOrigin)
    }

    func ask(_ request: LaneRequest, for handler: LaneHandler) {
        if gathered.isEmpty { eventLoop.assumeIsolated().execute { self.leave() } }
        gathered.append(Question(request: request, handler: handler))
    }

    private func leave() {
        var rest = gathered[...]
        gathered = []
        while !rest.isEmpty {
            send(Array(rest.prefix(Self.questionsAtOnce)))
            rest = rest.dropFirst(Self.questionsAtOnce)
        }
    }

    private func send(_ questions: [Question]) {
        let start = ContinuousClock.now
        let (bound, eventLoop) = (NIOLoopBound((self, questions), eventLoop: eventLoop), eventLoop)
        lane.routes.authentication.authenticate(questions.map { $0.request.token }, deadline: start + lane.requestTime) { verdicts in
            eventLoop.execute { bound.value.0.answer(bound.value.1, verdicts, since: start) }
        }
    }

    /// All answers lie in one piece of memory; each connection gets its part of it.
    private func answer(
        _ questions: [Question], _ verdicts: [Result<AuthenticatedSession, AuthError>], since start: ContinuousClock.Instant
    ) {
        var octets = ByteBufferAllocator().buffer(capacity: questions.count * Self.answerSize)
        var ends: [Int] = []
        ends.reserveCapacity(questions.count)
        // By index: a loop over the elements would copy each, and count its references.
        for index in questions.indices {
            let (method, read) = (questions[index].request.method, lane.routes.reads[questions[index].request.read])
            let requestID = ids.next(questions[index].request.requestID)
            let status = write(
                verdicts[index], to: requestID, method, into: &octets, fields: read.writeFields, body: read.writeBody)
            ends.append(octets.writerIndex)
            log(verdicts[index], requestID, method, read.path, status, since: start)
        }
        for index in questions.indices {
            questions[index].handler.answered(octets.readSlice(length: ends[index] - octets.readerIndex)!)
        }
    }

    /// - Returns: the status.
    private func write<Success>(
        _ verdict: Result<Success, AuthError>, to requestID: LaneRequestID, _ method: LaneMethod,
        into octets: inout ByteBuffer, fields: (Success, inout ByteBuffer) -> Void, body: (Success, inout ByteBuffer) -> Void
    ) -> Int {
        switch verdict {
        case .success(let success):
            answer.writeSuccess(
                to: requestID, method, into: &octets, fields: { fields(success, &$0) }, body: { body(success, &$0) })
            return 200
        case .failure(let error):
            return answer.writeProblem(error, to: requestID, method, into: &octets)
        }
    }

    /// What ``ErrorMapping`` and ``RequestLog`` say of a request on the ordinary way.
    private func log<Success>(
        _ verdict: Result<Success, AuthError>, _ requestID: LaneRequestID, _ method: LaneMethod, _ path: LanePath,
        _ status: Int, since start: ContinuousClock.Instant
    ) {
        if case .failure(.unavailable(let cause)) = verdict {
            lane.logger.error("unavailable", metadata: ["request_id": .string(requestID.text), "cause": "\(cause)"])
        }
        lane.logger.info(
            "request",
            metadata: RequestLog<AuthRequestContext>.metadata(method.name, path.text, status, since: start)
                .merging(["request_id": .string(requestID.text)]) { $1 })
    }
}

extension LaneLoop {
    /// Asks at once: the refreshes that wait for PostgreSQL find together there.
    func refresh(_ request: LaneRefreshRequest, from peer: String?, for handler: LaneHandler) {
        let (start, requestID) = (ContinuousClock.now, ids.next(request.requestID))
        let address = lane.addresses.find(peer, forwardedFor: request.forwardedFor, lane.logger)
        let origin = RequestOrigin(ip: address, userAgent: request.userAgent, requestID: requestID.text)
        let (service, deadline) = (lane.routes.refresh.service, start + lane.requestTime)
        let (bound, eventLoop) = (NIOLoopBound((self, handler), eventLoop: eventLoop), eventLoop)
        Task.immediate {
            let verdict = await RequestDeadline.$current.withValue(deadline) { () async -> Result<IssuedTokens, AuthError> in
                do throws(AuthError) { return .success(try await service.refresh(request.token, origin: origin)) } catch {
                    return .failure(error)
                }
            }
            eventLoop.execute { bound.value.0.answer(bound.value.1, verdict, requestID, since: start) }
        }
    }

    private func answer(
        _ handler: LaneHandler, _ verdict: Result<IssuedTokens, AuthError>, _ requestID: LaneRequestID, since start: ContinuousClock.Instant
    ) {
        let refresh = lane.routes.refresh
        answer(
            handler, verdict, requestID, .post, refresh.path, since: start,
            fields: { $1.writeStaticString("Content-Type: application/json\r\n") }, body: refresh.writeBody)
    }

    /// After its delay.
    func refuse(_ request: LanePasswordRequest, with refusal: PasswordGate.Refusal, for handler: LaneHandler) {
        let (start, requestID) = (ContinuousClock.now, ids.next(request.requestID))
        eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(refusal.delay)) {
            self.answer(
                handler, Result<Never, AuthError>.failure(refusal.error), requestID, .post, self.lane.routes.passwords[request.path],
                since: start, fields: { _, _ in }, body: { _, _ in })
        }
    }

    private func answer<Success>(
        _ handler: LaneHandler, _ verdict: Result<Success, AuthError>, _ requestID: LaneRequestID, _ method: LaneMethod,
        _ path: LanePath, since start: ContinuousClock.Instant, fields: (Success, inout ByteBuffer) -> Void,
        body: (Success, inout ByteBuffer) -> Void
    ) {
        var octets = ByteBufferAllocator().buffer(capacity: 2 * Self.answerSize)
        let status = write(verdict, to: requestID, method, into: &octets, fields: fields, body: body)
        log(verdict, requestID, method, path, status, since: start)
        handler.answered(octets)
    }
}
