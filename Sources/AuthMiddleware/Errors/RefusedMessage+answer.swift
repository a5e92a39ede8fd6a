public import HTTPEdge
import HTTPTypes
import NIOCore

extension RefusedMessage {
    /// The answer: a problem document with the fields that every answer has.
    public func answer(_ options: HTTPOptions) -> Edge.Answer {
        let problem = Problem(refusal, requestID: RequestID.fresh())
        options.observer.refused(refusal, requestID: problem.requestID)
        let body = ByteBuffer(bytes: problem.encoded)
        var head = HTTPResponse(status: problem.httpStatus, headerFields: problem.headers)
        if options.isSecure { head.headerFields.merge(.strictTransport) }
        head.headerFields.merge(options.origins.answer(to: origin))
        head.headerFields[.xRequestID] = problem.requestID
        head.headerFields[.contentLength] = String(body.readableBytes)
        return Edge.Answer(head: head, body: body)
    }
}
