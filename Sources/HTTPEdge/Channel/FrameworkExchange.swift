import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells the handlers before the codec when the framework has read and answered the requests that it was given.
final class FrameworkExchange: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Called when an answer is flushed. It may not be the last one due: see ``isFinished``.
    var finished: (() -> Void)?
    /// The same for ``MessageBoundary``, which then reads ``owesNothing``.
    var answered: (() -> Void)?
    private var expected = 0
    private var requests = 0
    private var answers = 0
    private var endsConnection = false
    private var isUnflushed = false

    func expectRequest() { expected += 1 }

    /// Whether every expected request came whole and is answered, and another may come.
    var isFinished: Bool { requests == expected && answers == expected && !endsConnection }

    /// Whether every complete request so far is answered.
    var owesNothing: Bool { requests == answers }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { requests += 1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): endsConnection = head.headerFields.saysClose
        case .body: break
        case .end:
            answers += 1
            isUnflushed = true
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard isUnflushed else { return }
        isUnflushed = false
        finished?()
        answered?()
    }
}
