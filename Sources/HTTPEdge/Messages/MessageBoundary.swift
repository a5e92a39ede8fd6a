import NIOCore

/// Stands before the HTTP codec. It passes on whole messages whose end is beyond doubt, within the limits and in time, and nothing after
/// the first other message.
///
/// So the codec never has half a head, and no handler waits for a body. Each message it gets is HTTP/1.1, has its body in one piece, and
/// no field about the connection. If the body would not be read, only the head is passed on, as the last message of the connection.
final class MessageBoundary: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Wait { case head, body }

    /// How long the rest of a refused head is searched for `Origin`.
    private static let searchTime: TimeAmount = .milliseconds(200)

    private let limits: HTTPLimits
    private let paths: EdgePaths
    private let findsOrigin: Bool
    private let servesHealthAlone: Bool
    private let exchange: FrameworkExchange
    private let closing: ConnectionCloseHandler
    private var scanner: MessageScanner
    /// The octets after the ``head``.
    private var held = ByteBuffer()
    /// The complete head, while the body is incomplete.
    private var head: MessageHead?
    private var hasContinued = false
    private var heldEvent: Any?
    private var wait: Wait?
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    /// Later octets are no messages any more.
    private(set) var isOver = false
    /// The beginning of a head, which the front holds.
    var heldBefore: (() -> ByteBuffer)?
    /// The refusal to answer once the rest of the head has shown the `Origin`.
    private var refused: MessageRefusal?
    private var originSearch = OriginSearch()

    /// - Parameters:
    ///   - findsOrigin: whether answers depend on `Origin`.
    ///   - servesHealthAlone: whether the connection may ask only for health.
    init(
        limits: HTTPLimits, paths: EdgePaths, findsOrigin: Bool, servesHealthAlone: Bool, exchange: FrameworkExchange,
        closing: ConnectionCloseHandler
    ) {
        self.limits = limits
        self.paths = paths
        self.findsOrigin = findsOrigin
        self.servesHealthAlone = servesHealthAlone
        self.exchange = exchange
        self.closing = closing
        scanner = MessageScanner(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        exchange.answered = { [weak self] in self?.continueIfDue() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        expect(nil)
        exchange.answered = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        expect(nil)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        guard refused == nil else { return search(octets) }
        guard !isOver else { return }
        if held.readableBytes == 0, head == nil { held = octets } else { held.writeBuffer(&octets) }
        do throws(MessageRefusal) {
            while !isOver, held.readableBytes > 0, try advance(context) { expect(nil) }
            expect(head != nil ? .body : held.readableBytes > 0 ? .head : nil)
        } catch {
            refuse(error, context)
        }
    }

    /// A stop waits for a message that has begun. If the input ends in its middle, the message is refused.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where hasBegun: heldEvent = event
        case ChannelEvent.inputClosed where hasBegun: refuse(.malformed, context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private var hasBegun: Bool { held.readableBytes > 0 || head != nil }

    /// Whether the front holds the beginning of a head.
    func expectHead(_ isExpected: Bool) { expect(isExpected ? .head : nil) }

    /// - Returns: whether a message ended, and the next may begin.
    private func advance(_ context: ChannelHandlerContext) throws(MessageRefusal) -> Bool {
        let isWhole = try held.withUnsafeReadableBytes { octets in
            Result { () throws(MessageRefusal) in try scanner.advance(octets) }
        }.get()
        guard isWhole || scanner.isInBody else { return false }
        if head == nil { try begin(takeHead(copying: !isWhole)) }
        if scanner.framing.isChunked { drop(scanner.position) }
        if isWhole { pass(scanner.framing.isChunked ? ByteBuffer(bytes: scanner.chunkedBody) : take(scanner.position), context) }
        if !isWhole, head != nil { awaitBody(context) }
        return isWhole
    }

    private func begin(_ octets: ByteBuffer) throws(MessageRefusal) {
        let head = MessageHead(octets: octets, framing: scanner.framing)
        self.head = head
        guard !servesHealthAlone || paths.health.contains(where: head.isBelow) else { throw .noPlace }
    }

    /// - Parameter isCopied: a head that is held is copied, so that the memory of the read can be used again.
    private func takeHead(copying isCopied: Bool) -> ByteBuffer {
        let octets = take(scanner.headEnd)
        guard isCopied else { return octets }
        held = ByteBuffer(bytes: held.readableBytesView)
        return ByteBuffer(bytes: octets.readableBytesView)
    }

    private func take(_ count: Int) -> ByteBuffer {
        defer { drop(0) }
        scanner.forget(count)
        return held.readSlice(length: count)!
    }

    private func drop(_ count: Int) {
        scanner.forget(count)
        held.moveReaderIndex(forwardBy: count)
        if held.readableBytes == 0 { held = ByteBuffer() }
    }

    /// The head is complete, and the body is not.
    private func awaitBody(_ context: ChannelHandlerContext) {
        if scanner.isOversized { return passHead(announcing: limits.bodyBytes + 1, context) }
        if let head, paths.bodyless.contains(where: head.isBelow) { return passHead(announcing: nil, context) }
        continueIfDue()
    }

    /// Sends `100 Continue` to a client that waits for it (RFC 9110 §10.1.1), after all earlier answers.
    private func continueIfDue() {
        guard let context, head != nil, scanner.framing.expectsContinue, !scanner.hasBodyOctets, !hasContinued, exchange.owesNothing else {
            return
        }
        hasContinued = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private func pass(_ body: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let head else { return }
        let length = head.framing.isChunked ? body.readableBytes : nil
        let persistence = servesHealthAlone ? .last : head.framing.persistence
        isOver = persistence == .last
        closing.expect(persistence)
        end()
        context.fireChannelRead(wrapInboundOut(head.plain(withLength: length)))
        if body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(body)) }
        fireHeldEvent(context)
    }

    /// - Parameter length: the length to announce for the body, which will not come; `nil` for a message without a body.
    private func passHead(announcing length: Int?, _ context: ChannelHandlerContext) {
        guard let head else { return }
        isOver = true
        closing.expect(.last)
        end()
        held = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(head.plainAlone(withLength: length)))
        fireHeldEvent(context)
    }

    /// The message is over; the next one may begin.
    private func end() {
        head = nil
        hasContinued = false
        scanner = MessageScanner(limits: limits)
    }

    private func fireHeldEvent(_ context: ChannelHandlerContext) {
        guard let event = heldEvent else { return }
        heldEvent = nil
        context.fireUserInboundEventTriggered(event)
    }

    /// Once begun, a head or a body must be complete in time. A later piece of it does not prolong that time.
    private func expect(_ new: Wait?) {
        guard new != wait else { return }
        wait = new
        timer?.cancel()
        timer = nil
        guard let new, let context else { return }
        let time = new == .head ? limits.headSeconds : limits.bodySeconds
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(time)) { self.refuse(.timeout, context) }
    }

    private func refuse(_ refusal: MessageRefusal, _ context: ChannelHandlerContext) {
        expect(nil)
        isOver = true
        let rest = held.readableBytes > 0 ? held : heldBefore?() ?? held
        held = ByteBuffer()
        guard findsOrigin else { return answer(refusal, origin: nil, context) }
        if let head { return answer(refusal, origin: head.framing.origin.flatMap(head.text), context) }
        refused = refusal
        if refusal == .timeout {
            originSearch.take(rest.readableBytesView)
            return endSearch()
        }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.searchTime) { self.endSearch() }
        search(rest)
    }

    private func search(_ octets: ByteBuffer) {
        originSearch.take(octets.readableBytesView)
        if originSearch.isOver { endSearch() }
    }

    private func endSearch() {
        guard let refused, let context else { return }
        self.refused = nil
        timer?.cancel()
        answer(refused, origin: originSearch.origin, context)
    }

    /// ``ParserErrorHandler`` writes the answer once all earlier requests are answered.
    private func answer(_ refusal: MessageRefusal, origin: String?, _ context: ChannelHandlerContext) {
        head = nil
        context.fireErrorCaught(RefusedMessage(refusal: refusal, origin: origin))
    }
}
