import NIOCore
import NIOHTTPTypes

/// Closes a connection on which nothing was asked for some time. One whose request is being answered is not idle, unless its client
/// takes no answer.
final class IdleTimeout: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var lastActivity = NIODeadline.now()
    private var isBeingRead = false
    private var unanswered = 0
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { schedule(context, at: .now() + limit) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelActive(context: ChannelHandlerContext) {
        lastActivity = .now()
        if timer == nil { schedule(context, at: lastActivity + limit) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    /// A whole request came that does not pass here.
    func requestBegan() { unanswered += 1 }

    /// Its answer was written.
    func requestEnded() {
        unanswered -= 1
        lastActivity = .now()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        switch unwrapInboundIn(data) {
        case .head:
            isBeingRead = true
            unanswered += 1
        case .body: break
        case .end: isBeingRead = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { requestEnded() }
        context.write(data, promise: promise)
    }

    private func schedule(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.check(context) }
    }

    private func check(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        if unanswered > 0, !isBeingRead, context.channel.isWritable { return schedule(context, at: now + limit) }
        if now >= lastActivity + limit { return context.close(promise: nil) }
        schedule(context, at: lastActivity + limit)
    }
}
