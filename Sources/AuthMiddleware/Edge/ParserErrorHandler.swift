import AuthCore
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers what is not HTTP with a problem document, and closes: after it nobody knows where the next request begins.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var requestsInProgress = 0
    private var hasFailed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { requestsInProgress += 1 }
        context.fireChannelRead(data)
    }

    /// A request that is being served hears of the error by itself, when it reads its body, and answers; any other is answered here.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !hasFailed else { return context.fireErrorCaught(error) }
        hasFailed = true
        guard requestsInProgress == 0 else { return context.fireErrorCaught(error) }
        let problem = Problem(AuthError(parserError: error), requestID: RequestID.fresh())
        var head = HTTPResponse(status: problem.httpStatus, headerFields: problem.headers)
        head.headerFields[.connection] = "close"
        head.headerFields[.xRequestID] = problem.requestID
        let body = ByteBuffer(bytes: problem.encoded)
        head.headerFields[.contentLength] = String(body.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in context.value.close(promise: nil) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasFailed || requestsInProgress > 0 else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        requestsInProgress -= 1
        context.write(data, promise: promise)
        if hasFailed, requestsInProgress == 0 {
            context.flush()
            context.close(promise: nil)
        }
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
