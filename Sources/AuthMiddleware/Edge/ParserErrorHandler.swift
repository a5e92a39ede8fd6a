import AuthCore
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers what is not HTTP with a problem document that ends the connection: after it nobody knows where the next request begins.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var requestsInProgress = 0
    private var failure: (any Error)?
    private var isAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { requestsInProgress += 1 }
        context.fireChannelRead(data)
    }

    /// A request that is being served hears of the error by itself, when it reads its body.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, failure == nil else { return context.fireErrorCaught(error) }
        failure = error
        if requestsInProgress == 0 { answer(context) } else { context.fireErrorCaught(error) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard failure == nil || requestsInProgress > 0 else {
            // The framework's own answer to the same error.
            promise?.succeed()
            return
        }
        context.write(data, promise: promise)
        switch unwrapOutboundIn(data) {
        case .head(let head): isAnswered = head.headerFields.saysClose
        case .body: break
        case .end:
            requestsInProgress -= 1
            if failure != nil, requestsInProgress == 0 { answer(context) }
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let failure, !isAnswered else { return }
        isAnswered = true
        let problem = Problem(AuthError(parserError: failure), requestID: RequestID.fresh())
        let body = ByteBuffer(bytes: problem.encoded)
        var head = HTTPResponse(status: problem.httpStatus, headerFields: problem.headers)
        head.headerFields[.connection] = "close"
        head.headerFields[.xRequestID] = problem.requestID
        head.headerFields[.contentLength] = String(body.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

extension AuthError {
    /// What the HTTP parser refused.
    init(parserError error: any Error) {
        switch error as? HTTPParserError {
        case .headerOverflow: self = .headersTooLarge
        default: self = .malformedHTTP(reason: "This is not a well-formed HTTP/1.1 message.")
        }
    }
}
