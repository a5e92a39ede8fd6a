import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers a message that is not HTTP, and ends the connection, since it is unknown where the next request begins.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let refuse: @Sendable (RefusedMessage) -> Edge.Answer
    private var requestsInProgress = 0
    private var failure: RefusedMessage?
    private var isAnswered = false

    /// - Parameter refuse: the answer to a message that is not a request. It must end the connection.
    init(refuse: @escaping @Sendable (RefusedMessage) -> Edge.Answer) {
        self.refuse = refuse
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { requestsInProgress += 1 }
        context.fireChannelRead(data)
    }

    /// A request that is being served gets the error by itself, when its body is read.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let refused = RefusedMessage(error), failure == nil else { return context.fireErrorCaught(error) }
        failure = refused
        // The framework ends the connection for this error, but sends the earlier answers first.
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
        let answer = refuse(failure)
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

extension RefusedMessage {
    /// The refusal by ``MessageBoundary``, or by the codec after it.
    fileprivate init?(_ error: any Error) {
        switch error {
        case let refused as RefusedMessage: self = refused
        case HTTPParserError.headerOverflow: self.init(refusal: .headersTooLarge, origin: nil)
        case is HTTPParserError: self.init(refusal: .malformed, origin: nil)
        default: return nil
        }
    }
}
