import AuthCore
import HTTPTypes
import NIOCore

/// Writes whole answers, to the octet those of the ordinary way.
struct LaneAnswer {
    private let isSecure: Bool
    private let variesByOrigin: Bool
    private var body = ByteBuffer()
    private var date = HTTPDate()

    /// What every answer says, as it stands in a head.
    private static let ours = ByteBuffer(string: HTTPFields.ours.inHead)
    private static let strictTransport = ByteBuffer(string: HTTPFields.strictTransport.inHead)

    init(isSecure: Bool, variesByOrigin: Bool) {
        self.isSecure = isSecure
        self.variesByOrigin = variesByOrigin
    }

    /// 200 with what the closures write: header fields, each with its line end, and the body.
    mutating func writeSuccess(
        to requestID: LaneRequestID, _ method: LaneMethod, into answer: inout ByteBuffer,
        fields writeFields: (inout ByteBuffer) -> Void, body writeBody: (inout ByteBuffer) -> Void
    ) {
        body.clear()
        writeBody(&body)
        answer.writeStaticString("HTTP/1.1 200 OK\r\n")
        writeFields(&answer)
        writeLength(into: &answer)
        answer.writeImmutableBuffer(Self.ours)
        writeEnd(requestID, method, into: &answer)
    }

    /// - Returns: the status.
    mutating func writeProblem(
        _ error: AuthError, to requestID: LaneRequestID, _ method: LaneMethod, into answer: inout ByteBuffer
    ) -> Int {
        let problem = Problem(error, requestID: requestID.text)
        body.clear()
        body.writeBytes(problem.encoded)
        answer.writeString("HTTP/1.1 \(problem.status) \(problem.title)\r\n")
        answer.writeString(problem.headers.inHead)
        writeLength(into: &answer)
        writeEnd(requestID, method, into: &answer)
        return problem.status
    }

    private func writeLength(into answer: inout ByteBuffer) {
        answer.writeStaticString("Content-Length: ")
        answer.writeString(String(body.readableBytes))
        answer.writeStaticString(variesByOrigin ? "\r\nVary: Origin\r\n" : "\r\n")
    }

    private mutating func writeEnd(_ requestID: LaneRequestID, _ method: LaneMethod, into answer: inout ByteBuffer) {
        if isSecure { answer.writeImmutableBuffer(Self.strictTransport) }
        answer.writeStaticString("X-Request-Id: ")
        switch requestID {
        case .theirs(let text): answer.writeString(text)
        case .ours(let id): answer.writeText(of: id)
        }
        answer.writeStaticString("\r\nDate: ")
        answer.writeString(date.text())
        answer.writeStaticString("\r\n\r\n")
        if method != .head { answer.writeImmutableBuffer(body) }
    }
}

extension HTTPFields {
    fileprivate var inHead: String { map { "\($0.name.rawName): \($0.value)\r\n" }.joined() }
}
