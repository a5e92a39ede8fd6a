import HTTPEdge
import NIOCore

/// Reads the input of one connection before the HTTP codec. Each request goes to the fast path or to the framework, one at a time, so that
/// answers leave in the order of the requests.
///
/// A request whose end is certain goes to the framework alone, and this handler looks at the next one after the answer. At the first
/// octet that is not certain, this handler leaves, and the rest of the connection is the framework's.
final class FastPathHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case looking
        /// The fast path owes an answer.
        case asking
        /// The framework has a request of which so many octets are to come, or owes its answer.
        case framework(remaining: Int)
        case gone
    }

    private let loop: FastPathLoop
    private let routes: FastRoutes
    private let edge: EdgeConnection
    private var context: ChannelHandlerContext?
    private var state = State.looking
    /// Octets that neither the fast path nor the framework has yet.
    private var held = FastPathHandler.nothing
    private static let nothing = ByteBuffer()
    /// How many of these octets were searched without finding the end of a head.
    private var looked = 0
    /// Events for the framework, which gets them when the fast path owes nothing.
    private var heldEvents: [Any] = []
    private var holdsRead = false
    private var isReading = false
    private var hasForwarded = false
    /// The framework knows that its answer is the last of the connection.
    private var isQuiescing = false

    init(_ fastPath: FastPath, eventLoop: any EventLoop, edge: EdgeConnection) {
        loop = fastPath.loop(on: eventLoop)
        routes = fastPath.routes
        self.edge = edge
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        edge.connect(held: { [weak self] in self?.held ?? Self.nothing }, finished: { [weak self] in self?.frameworkFinished() })
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        edge.disconnect()
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .gone
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !edge.isOver else { return }
        isReading = true
        var octets = unwrapInboundIn(data)
        if held.readableBytes == 0 { held = octets } else { held.writeBuffer(&octets) }
        proceed(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if isLooking, held.readableBytes > 0 { proceed(context) }
        // The handlers behind have got nothing, so the next read need not come through all of them.
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

    /// The end of the input, and of the server, wait for their turn too.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, state) {
        case (is ChannelShouldQuiesceEvent, .asking), (ChannelEvent.inputClosed, .asking), (ChannelEvent.inputClosed, .framework(0)):
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

    /// The loop has the answer.
    func answered(_ answer: ByteBuffer) {
        guard let context, case .asking = state else { return }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        edge.requestEnded()
        state = .looking
        proceed(context)
    }

    private func frameworkFinished() {
        guard let context, case .framework(remaining: 0) = state, edge.isFinished else { return }
        state = .looking
        proceed(context)
    }

    private var isLooking: Bool { if case .looking = state { true } else { false } }

    private func proceed(_ context: ChannelHandlerContext) {
        while held.readableBytes > 0 {
            switch state {
            case .asking, .gone, .framework(remaining: 0): return
            case .framework(let remaining): pass(remaining, context)
            case .looking:
                guard context.channel.isWritable, !isQuiescing else { return }
                guard look(context) else { return rest(context) }
            }
        }
        rest(context)
    }

    /// - Returns: `false` if more must come first, or the handler has left.
    private func look(_ context: ChannelHandlerContext) -> Bool {
        guard isWorthALook() else { return false }
        switch held.withUnsafeReadableBytes({ FastPathHead($0, routes: routes) }) {
        case .incomplete:
            looked = held.readableBytes
            edge.expectHead(true)
            return false
        case .read(let request, let length):
            begin(length)
            loop.ask(request, for: self)
            return true
        case .refresh(let request, let length):
            begin(length)
            loop.refresh(request, from: context.channel.remoteAddress?.ipAddress, for: self)
            return true
        case .password(let request, let length):
            guard let refusal = loop.refusal(of: request, from: context.channel.remoteAddress?.ipAddress) else {
                return beginInFramework(length)
            }
            begin(length)
            loop.refuse(request, with: refusal, for: self)
            return true
        case .framework(let length):
            // With its body the fast path could answer it, and the body may come in this turn.
            if isReading, length > held.readableBytes {
                looked = 0
                return false
            }
            return beginInFramework(length)
        case .foreign:
            leave(context)
            return false
        }
    }

    /// If octets come one by one, the head is not read again for each of them: only the end of a line, or too many octets, can change
    /// the result.
    private func isWorthALook() -> Bool {
        guard looked > 0, held.readableBytes <= FastPathHead.maximumLength else { return true }
        defer { looked = held.readableBytes }
        return held.withUnsafeReadableBytes { $0[looked...].contains(UInt8(ascii: "\n")) }
    }

    /// The fast path has a whole request of so many octets.
    private func begin(_ length: Int) {
        looked = 0
        held.moveReaderIndex(forwardBy: length)
        // Its memory goes back to the allocator of reads.
        if held.readableBytes == 0 { held = Self.nothing }
        state = .asking
        edge.expectHead(false)
        edge.requestBegan()
    }

    private func beginInFramework(_ length: Int) -> Bool {
        looked = 0
        edge.expectRequest()
        state = .framework(remaining: length)
        return true
    }

    private func pass(_ remaining: Int, _ context: ChannelHandlerContext) {
        let octets = held.readSlice(length: min(remaining, held.readableBytes))!
        state = .framework(remaining: remaining - octets.readableBytes)
        forward(octets, context)
        frameworkFinished()
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

    /// The framework has the connection from here on.
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
