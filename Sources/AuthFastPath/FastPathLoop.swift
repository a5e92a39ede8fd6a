import AuthCore
import AuthMiddleware
import HTTPEdge
import NIOCore

/// The fast path on one event loop. The reads that one turn of the loop receives from its connections are asked together, and their
/// answers come back together.
final class FastPathLoop {
    private struct Question {
        let request: FastReadRequest
        let handler: FastPathHandler
    }

    /// A request that is being answered.
    private struct Exchange {
        let requestID: FastPathRequestID
        let method: FastPathMethod
        /// The path of the route.
        let route: String
        let start: ContinuousClock.Instant
    }

    /// With more, the first of them would wait for the last.
    private static let batchSize = 128

    /// Most answers fit in this many octets.
    private static let answerSize = 512

    private let routes: FastRoutes
    private let options: HTTPOptions
    private let eventLoop: any EventLoop
    private var gathered: [Question] = []
    private var answer: FastPathAnswer
    private var ids = FreshRequestIDs()

    init(_ routes: FastRoutes, _ options: HTTPOptions, eventLoop: any EventLoop) {
        self.routes = routes
        self.options = options
        self.eventLoop = eventLoop
        answer = FastPathAnswer(isSecure: options.isSecure, variesByOrigin: !options.origins.isEmpty)
    }

    func ask(_ request: FastReadRequest, for handler: FastPathHandler) {
        if gathered.isEmpty { eventLoop.assumeIsolated().execute { self.sendAll() } }
        gathered.append(Question(request: request, handler: handler))
    }

    private func sendAll() {
        let questions = gathered
        gathered = []
        guard let groups = routes.authentication.groups(of: { questions.map { $0.request.token } }) else {
            return sendInBatches(questions)
        }
        for group in groups { sendInBatches(group.map { questions[$0] }) }
    }

    private func sendInBatches(_ questions: [Question]) {
        var rest = questions[...]
        while !rest.isEmpty {
            send(Array(rest.prefix(Self.batchSize)))
            rest = rest.dropFirst(Self.batchSize)
        }
    }

    private func send(_ questions: [Question]) {
        let start = ContinuousClock.now
        let (bound, eventLoop) = (NIOLoopBound((self, questions), eventLoop: eventLoop), eventLoop)
        routes.authentication.authenticate(questions.map { $0.request.token }, deadline: start + options.limits.requestTime) { verdicts in
            eventLoop.execute { bound.value.0.answer(bound.value.1, verdicts, since: start) }
        }
    }

    /// All answers lie in one piece of memory. Each connection gets its part of it.
    private func answer(
        _ questions: [Question], _ verdicts: [Result<AuthenticatedSession, AuthError>], since start: ContinuousClock.Instant
    ) {
        var octets = ByteBufferAllocator().buffer(capacity: questions.count * Self.answerSize)
        var ends: [Int] = []
        ends.reserveCapacity(questions.count)
        // By index: a loop over the elements would copy each, and count its references.
        for index in questions.indices {
            let read = routes.reads[questions[index].request.route]
            let exchange = Exchange(
                requestID: ids.next(questions[index].request.requestID), method: questions[index].request.method, route: read.path.text,
                start: start)
            write(verdicts[index], at: .resource, to: exchange, into: &octets, fields: read.twin.writeFields, body: read.twin.writeBody)
            ends.append(octets.writerIndex)
        }
        for index in questions.indices {
            questions[index].handler.answered(octets.readSlice(length: ends[index] - octets.readerIndex)!)
        }
    }

    private func write<Success>(
        _ verdict: Result<Success, AuthError>, at endpoint: ProblemEndpoint, to exchange: Exchange, into octets: inout ByteBuffer,
        fields: (Success, inout ByteBuffer) -> Void, body: (Success, inout ByteBuffer) -> Void
    ) {
        let status: Int
        switch verdict {
        case .success(let success):
            status = 200
            answer.writeSuccess(
                to: exchange.requestID, exchange.method, into: &octets, fields: { fields(success, &$0) }, body: { body(success, &$0) })
        case .failure(let error):
            options.observer.failed(error, requestID: exchange.requestID.text)
            status = answer.writeProblem(error, at: endpoint, to: exchange.requestID, exchange.method, into: &octets)
        }
        options.observer.ended(
            exchange.method.name, exchange.route, status: status, since: exchange.start, requestID: exchange.requestID.text)
    }
}

extension FastPathLoop {
    /// Asks immediately. PostgreSQL's statement for refreshes gathers those that wait for it.
    func refresh(_ request: FastRefreshRequest, from peer: String?, for handler: FastPathHandler) {
        let (start, requestID) = (ContinuousClock.now, ids.next(request.requestID))
        let origin = RequestOrigin(
            ip: address(of: peer, forwardedFor: request.forwardedFor), userAgent: request.userAgent, requestID: requestID.text)
        let (route, service, deadline) = (request.route, routes.refreshes[request.route].twin.service, start + options.limits.requestTime)
        let (bound, eventLoop) = (NIOLoopBound((self, handler), eventLoop: eventLoop), eventLoop)
        Task.immediate {
            let verdict = await RequestDeadline.$current.withValue(deadline) { () async -> Result<IssuedTokens, AuthError> in
                do throws(AuthError) { return .success(try await service.refresh(request.token, origin: origin)) } catch {
                    return .failure(error)
                }
            }
            eventLoop.execute { bound.value.0.answer(bound.value.1, verdict, of: route, requestID, since: start) }
        }
    }

    private func answer(
        _ handler: FastPathHandler, _ verdict: Result<IssuedTokens, AuthError>, of route: Int, _ requestID: FastPathRequestID,
        since start: ContinuousClock.Instant
    ) {
        let refresh = routes.refreshes[route]
        answer(
            handler, verdict, at: .token(isForm: false),
            Exchange(requestID: requestID, method: .post, route: refresh.path.text, start: start),
            fields: { $1.writeStaticString("Content-Type: application/json\r\n") }, body: refresh.twin.writeBody)
    }

    /// `nil` if there is room for the password.
    func refusal(of request: FastPasswordRequest, from peer: String?) -> PasswordGate.Refusal? {
        routes.passwords[request.route].gate.refusal(for: address(of: peer, forwardedFor: request.forwardedFor))
    }

    /// After its delay.
    func refuse(_ request: FastPasswordRequest, with refusal: PasswordGate.Refusal, for handler: FastPathHandler) {
        let exchange = Exchange(
            requestID: ids.next(request.requestID), method: .post, route: routes.passwords[request.route].path.text, start: .now)
        eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(refusal.delay)) {
            self.answer(
                handler, Result<Never, AuthError>.failure(refusal.error), at: .resource, exchange, fields: { _, _ in }, body: { _, _ in })
        }
    }

    private func answer<Success>(
        _ handler: FastPathHandler, _ verdict: Result<Success, AuthError>, at endpoint: ProblemEndpoint, _ exchange: Exchange,
        fields: (Success, inout ByteBuffer) -> Void, body: (Success, inout ByteBuffer) -> Void
    ) {
        var octets = ByteBufferAllocator().buffer(capacity: 2 * Self.answerSize)
        write(verdict, at: endpoint, to: exchange, into: &octets, fields: fields, body: body)
        handler.answered(octets)
    }

    private func address(of peer: String?, forwardedFor: [String]) -> String? {
        options.addresses.find(peer, forwardedFor: forwardedFor, options.logger)
    }
}
