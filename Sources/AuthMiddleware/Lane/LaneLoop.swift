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

    init(_ lane: GuardedLane.Parts, eventLoop: any EventLoop) {
        self.lane = lane
        self.eventLoop = eventLoop
        answer = LaneAnswer(isSecure: lane.isSecure)
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
        lane.authentication.authenticate(questions.map(\.request.token), deadline: start + lane.requestTime) { verdicts in
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
        for (question, verdict) in zip(questions, verdicts) {
            let read = lane.reads[question.request.read]
            let (requestID, status) = answer.write(verdict, to: question.request, of: read, into: &octets)
            ends.append(octets.writerIndex)
            log(verdict, requestID, question.request.method, read, status, since: start)
        }
        for (question, end) in zip(questions, ends) {
            question.handler.answered(octets.readSlice(length: end - octets.readerIndex)!)
        }
    }

    /// What ``ErrorMapping`` and ``RequestLog`` say of a request on the ordinary way.
    private func log(
        _ verdict: Result<AuthenticatedSession, AuthError>, _ requestID: LaneRequestID, _ method: LaneRequest.Method, _ read: LaneRead,
        _ status: Int, since start: ContinuousClock.Instant
    ) {
        if case .failure(.unavailable(let cause)) = verdict {
            lane.logger.error("unavailable", metadata: ["request_id": .string(requestID.text), "cause": "\(cause)"])
        }
        lane.logger.info(
            "request",
            metadata: RequestLog<AuthRequestContext>.metadata(method.name, read.path, status, since: start)
                .merging(["request_id": .string(requestID.text)]) { $1 })
    }
}
