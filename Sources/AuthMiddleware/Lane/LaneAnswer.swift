import AuthCore
import HTTPTypes
import NIOCore

/// Writes whole answers, to the octet those of the ordinary way.
struct LaneAnswer {
    private let isSecure: Bool
    private var body = ByteBuffer()
    private var ids = FreshRequestIDs()
    private var date = HTTPDate()

    /// What every answer says, as it stands in a head.
    private static let ours = ByteBuffer(string: HTTPFields.ours.inHead)
    private static let strictTransport = ByteBuffer(string: HTTPFields.strictTransport.inHead)

    init(isSecure: Bool) {
        self.isSecure = isSecure
    }

    /// - Returns: the request's id and the answer's status, for the log.
    mutating func write(
        _ verdict: Result<AuthenticatedSession, AuthError>, to request: LaneRequest, of read: LaneRead, into answer: inout ByteBuffer
    ) -> (requestID: LaneRequestID, status: Int) {
        let requestID = request.requestID.map(LaneRequestID.theirs) ?? ids.next()
        switch verdict {
        case .success(let session):
            write(session, requestID, request.method, read, into: &answer)
            return (requestID, 200)
        case .failure(let error):
            let problem = Problem(error, requestID: requestID.text)
            write(problem, requestID, request.method, into: &answer)
            return (requestID, problem.status)
        }
    }

    private mutating func write(
        _ session: AuthenticatedSession, _ requestID: LaneRequestID, _ method: LaneRequest.Method, _ read: LaneRead,
        into answer: inout ByteBuffer
    ) {
        body.clear()
        read.writeBody(session, &body)
        answer.writeStaticString("HTTP/1.1 200 OK\r\n")
        read.writeFields(session, &answer)
        writeLength(into: &answer)
        answer.writeImmutableBuffer(Self.ours)
        writeEnd(requestID, method, into: &answer)
    }

    private mutating func write(
        _ problem: Problem, _ requestID: LaneRequestID, _ method: LaneRequest.Method, into answer: inout ByteBuffer
    ) {
        body.clear()
        body.writeBytes(problem.encoded)
        answer.writeString("HTTP/1.1 \(problem.status) \(problem.title)\r\n")
        answer.writeString(problem.headers.inHead)
        writeLength(into: &answer)
        writeEnd(requestID, method, into: &answer)
    }

    private func writeLength(into answer: inout ByteBuffer) {
        answer.writeStaticString("Content-Length: ")
        answer.writeString(String(body.readableBytes))
        answer.writeStaticString("\r\n")
    }

    private mutating func writeEnd(_ requestID: LaneRequestID, _ method: LaneRequest.Method, into answer: inout ByteBuffer) {
        if isSecure { answer.writeImmutableBuffer(Self.strictTransport) }
        answer.writeStaticString("X-Request-Id: ")
        switch requestID {
        case .theirs(let text): answer.writeString(text)
        case .ours(let id): answer.writeText(of: id)
        }
        answer.writeStaticString("\r\nDate: ")
        answer.writeString(date.text())
        answer.writeStaticString("\r\n\r\n")
        if method == .get { answer.writeImmutableBuffer(body) }
    }
}

extension HTTPFields {
    fileprivate var inHead: String { map { "\($0.name.rawName): \($0.value)\r\n" }.joined() }
}
