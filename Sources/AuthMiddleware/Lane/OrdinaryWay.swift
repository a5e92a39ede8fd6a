import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells the lane when the ordinary way has read and answered what it was given.
final class OrdinaryWay: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Called when an answer is flushed; whether it was the last one due, ``isFinished`` knows.
    var finished: (() -> Void)?
    private var expected = 0
    private var requests = 0
    private var answers = 0
    private var endsConnection = false
    private var isUnflushed = false

    func expectRequest() { expected += 1 }

    /// Every request that was expected came, whole, and is answered; and another may come.
    var isFinished: Bool { requests == expected && answers == expected && !endsConnection }

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
    }
}
