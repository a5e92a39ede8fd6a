import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers what is not HTTP with a problem document that ends the connection: after it nobody knows where the next request begins.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let isSecure: Bool
    private let logger: Logger
    private var requestsInProgress = 0
    private var failure: MessageRefusal?
    private var isAnswered = false

    init(isSecure: Bool, logger: Logger) {
        self.isSecure = isSecure
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { requestsInProgress += 1 }
        context.fireChannelRead(data)
    }

    /// A request that is being served hears of it by itself, when it reads its body.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let refusal = MessageRefusal(error), failure == nil else { return context.fireErrorCaught(error) }
        failure = refusal
        // Of this error the framework knows that the connection ends, and lets answers out before.
        if requestsInProgress == 0 { answer(context) } else { context.fireErrorCaught(HTTPParserError.unknown) }
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
        let problem = Problem(failure, requestID: RequestID.fresh())
        logger.info(
            "no request", metadata: ["code": "\(failure.code)", "status": "\(failure.status.code)", "request_id": "\(problem.requestID)"])
        let body = ByteBuffer(bytes: problem.encoded)
        var head = HTTPResponse(status: problem.httpStatus, headerFields: problem.headers)
        if isSecure { head.headerFields.merge(.strictTransport) }
        head.headerFields[.xRequestID] = problem.requestID
        head.headerFields[.contentLength] = String(body.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

extension MessageRefusal {
    /// What refused the message: we, or the codec after us.
    fileprivate init?(_ error: any Error) {
        switch error {
        case let refusal as MessageRefusal: self = refusal
        case HTTPParserError.headerOverflow: self = .headersTooLarge
        case is HTTPParserError: self = .malformed
        default: return nil
        }
    }
}
