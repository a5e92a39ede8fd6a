import NIOCore

/// One connection's input before the HTTP codec: it goes to the lane or the ordinary way, one request at a time, so that
/// answers leave in the order of the requests.
///
/// A request whose end is certain goes the ordinary way by itself, and the lane looks on when its answer is out. At the first
/// octet that is not certain, the connection is the ordinary way's for good and this handler leaves.
final class LaneHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case looking
        /// The lane owes an answer.
        case asking
        /// The ordinary way has a request of which so many octets are to come, or owes its answer.
        case ordinary(remaining: Int)
        case gone
    }

    private let loop: LaneLoop
    private let routes: LaneRoutes
    private let boundary: MessageBoundary
    private let ordinary: OrdinaryWay
    private let idle: IdleTimeout
    private var context: ChannelHandlerContext?
    private var state = State.looking
    /// Octets that nobody has yet.
    private var held = LaneHandler.nothing
    private static let nothing = ByteBuffer()
    /// What the ordinary way shall hear when the lane owes nothing.
    private var heldEvents: [Any] = []
    private var holdsRead = false
    private var isReading = false
    private var hasForwarded = false
    /// The ordinary way has heard that its answer is the last of the connection.
    private var isQuiescing = false

    init(lane: GuardedLane, eventLoop: any EventLoop, boundary: MessageBoundary, ordinary: OrdinaryWay, idle: IdleTimeout) {
        loop = lane.loop(on: eventLoop)
        routes = lane.parts.routes
        self.boundary = boundary
        self.ordinary = ordinary
        self.idle = idle
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        ordinary.finished = { [weak self] in self?.ordinaryFinished() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        ordinary.finished = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .gone
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !boundary.isOver else { return }
        isReading = true
        var octets = unwrapInboundIn(data)
        if held.readableBytes == 0 { held = octets } else { held.writeBuffer(&octets) }
        proceed(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if isLooking, held.readableBytes > 0 { proceed(context) }
        // Asked for here, the next read need not come through all handlers behind, which have heard of nothing.
        guard hasForwarded else { return read(context: context) }
        hasForwarded = false
        context.fireChannelReadComplete()
    }

    /// Nothing more is read while octets wait for their turn.
    func read(context: ChannelHandlerContext) {
        if held.readableBytes > 0, !isLooking || !context.channel.isWritable { holdsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { proceed(context) }
        context.fireChannelWritabilityChanged()
    }

    /// The end of the input, and of the server, are heard in their turn too.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, state) {
        case (is ChannelShouldQuiesceEvent, .asking), (ChannelEvent.inputClosed, .asking), (ChannelEvent.inputClosed, .ordinary(0)):
            heldEvents.append(event)
        case (is ChannelShouldQuiesceEvent, _):
            isQuiescing = true
            context.fireUserInboundEventTriggered(event)
        case (ChannelEvent.inputClosed, .looking):
            heldEvents.append(event)
            leave(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The lane's answer to what its loop was asked.
    func answered(_ answer: ByteBuffer) {
        guard let context, case .asking = state else { return }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        idle.requestEnded()
        state = .looking
        proceed(context)
    }

    private func ordinaryFinished() {
        guard let context, case .ordinary(remaining: 0) = state, ordinary.isFinished else { return }
        state = .looking
        proceed(context)
    }

    private var isLooking: Bool { if case .looking = state { true } else { false } }

    private func proceed(_ context: ChannelHandlerContext) {
        while held.readableBytes > 0 {
            switch state {
            case .asking, .gone, .ordinary(remaining: 0): return
            case .ordinary(let remaining): pass(remaining, context)
            case .looking:
                guard context.channel.isWritable, !isQuiescing else { return }
                guard look(context) else { return rest(context) }
            }
        }
        rest(context)
    }

    /// - Returns: `false` where more must come first, or the handler has left.
    private func look(_ context: ChannelHandlerContext) -> Bool {
        switch held.withUnsafeReadableBytes({ LaneHead($0, routes: routes) }) {
        case .incomplete:
            boundary.expectHead(true)
            return false
        case .guardedRead(let request, let length):
            begin(length)
            loop.ask(request, for: self)
            return true
        case .refresh(let request, let length):
            begin(length)
            loop.refresh(request, from: context.channel.remoteAddress?.ipAddress, for: self)
            return true
        case .password(let request, let length):
            guard let refusal = routes.gate.refusal() else { return beginOrdinary(length) }
            begin(length)
            loop.refuse(request, with: refusal, for: self)
            return true
        case .ordinary(let length):
            // The lane could answer when the body is here, and it may come in this turn.
            if isReading, length > held.readableBytes { return false }
            return beginOrdinary(length)
        case .foreign:
            leave(context)
            return false
        }
    }

    /// The lane has a whole request of so many octets.
    private func begin(_ length: Int) {
        held.moveReaderIndex(forwardBy: length)
        // Its memory goes back to where the next read takes it from.
        if held.readableBytes == 0 { held = Self.nothing }
        state = .asking
        boundary.expectHead(false)
        idle.requestBegan()
    }

    private func beginOrdinary(_ length: Int) -> Bool {
        ordinary.expectRequest()
        state = .ordinary(remaining: length)
        return true
    }

    private func pass(_ remaining: Int, _ context: ChannelHandlerContext) {
        let octets = held.readSlice(length: min(remaining, held.readableBytes))!
        state = .ordinary(remaining: remaining - octets.readableBytes)
        forward(octets, context)
        ordinaryFinished()
    }

    private func forward(_ octets: ByteBuffer, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(octets))
        if isReading { hasForwarded = true } else { context.fireChannelReadComplete() }
    }

    /// Nothing can be done before more comes.
    private func rest(_ context: ChannelHandlerContext) {
        guard isLooking else { return releaseRead(context) }
        let events = heldEvents
        heldEvents = []
        for event in events {
            if case ChannelEvent.inputClosed = event {
                heldEvents.append(event)
                return leave(context)
            }
            context.fireUserInboundEventTriggered(event)
        }
        releaseRead(context)
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard holdsRead else { return }
        holdsRead = false
        context.read()
    }

    /// The connection is the ordinary way's from here on.
    private func leave(_ context: ChannelHandlerContext) {
        state = .gone
        if held.readableBytes > 0 { forward(held, context) }
        held = Self.nothing
        for event in heldEvents { context.fireUserInboundEventTriggered(event) }
        heldEvents = []
        releaseRead(context)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
