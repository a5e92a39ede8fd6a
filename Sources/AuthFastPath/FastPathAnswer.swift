import AuthCore
import AuthMiddleware
import HTTPTypes
import NIOCore

/// Writes whole answers, to the octet those of the framework.
struct FastPathAnswer {
    private let isSecure: Bool
    private let variesByOrigin: Bool
    private var body = ByteBuffer()
    private var date = HTTPDate()

    /// What every answer says, as it stands in a head.
    private static let standard = ByteBuffer(string: HTTPFields.standard.inHead)
    private static let strictTransport = ByteBuffer(string: HTTPFields.strictTransport.inHead)

    init(isSecure: Bool, variesByOrigin: Bool) {
        self.isSecure = isSecure
        self.variesByOrigin = variesByOrigin
    }

    /// 200 with what the closures write: header fields, each with its line end, and the body.
    mutating func writeSuccess(
        to requestID: FastPathRequestID, _ method: FastPathMethod, into answer: inout ByteBuffer,
        fields writeFields: (inout ByteBuffer) -> Void, body writeBody: (inout ByteBuffer) -> Void
    ) {
        body.clear()
        writeBody(&body)
        answer.writeStaticString("HTTP/1.1 200 OK\r\n")
        writeFields(&answer)
        writeLength(into: &answer)
        answer.writeImmutableBuffer(Self.standard)
        writeEnd(requestID, method, into: &answer)
    }

    /// - Returns: the status.
    mutating func writeProblem(
        _ error: AuthError, at endpoint: ProblemEndpoint, to requestID: FastPathRequestID, _ method: FastPathMethod,
        into answer: inout ByteBuffer
    ) -> Int {
        let problem = Problem(error, at: endpoint, requestID: requestID.text)
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

    private mutating func writeEnd(_ requestID: FastPathRequestID, _ method: FastPathMethod, into answer: inout ByteBuffer) {
        if isSecure { answer.writeImmutableBuffer(Self.strictTransport) }
        answer.writeStaticString("X-Request-Id: ")
        switch requestID {
        case .client(let text): answer.writeString(text)
        case .fresh(let id): answer.writeText(of: id)
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
