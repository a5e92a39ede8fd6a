import NIOCore
import NIOHTTPTypes

/// Closes a connection without a request for some time. While a request is being answered the connection is not idle, unless the client
/// does not read the answer.
final class IdleTimeout: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    /// Hears when the connection becomes idle, and when it is busy again.
    var place: ConnectionPlace?
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

    /// A whole request came that does not pass this handler.
    func requestBegan() {
        if unanswered == 0 { place?.becameBusy() }
        unanswered += 1
    }

    /// Another connection needs the place of this one. A request may have come meanwhile; then this one stays, unless it has closed.
    func giveUpPlace(_ channel: any Channel, _ places: ConnectionPlaces) {
        guard channel.isActive, unanswered > 0, let place else { return channel.close(promise: nil) }
        places.stay(place)
    }

    /// Its answer was written.
    func requestEnded() {
        unanswered -= 1
        lastActivity = .now()
        if unanswered == 0 { place?.becameIdle(at: lastActivity) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        switch unwrapInboundIn(data) {
        case .head:
            isBeingRead = true
            requestBegan()
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
