import NIOCore

/// Before the HTTP codec: passes on whole messages whose end is beyond doubt, within the limits and in time, and nothing after one
/// that is not.
///
/// So the codec never has half a head, nor does a handler wait for a body; only one that is larger than any we read is passed on as
/// it comes, to be refused there.
final class MessageBoundary: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Wait { case head, body }

    private let limits: HTTPLimits
    private var scanner: MessageScanner
    private var held = ByteBuffer()
    private var heldEvent: Any?
    private var wait: Wait?
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    /// Nothing that comes is a message any more.
    private(set) var isOver = false

    init(limits: HTTPLimits) {
        self.limits = limits
        scanner = MessageScanner(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        expect(nil)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        expect(nil)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        guard !isOver else { return }
        if held.readableBytes == 0 { held = octets } else { held.writeBuffer(&octets) }
        do throws(MessageRefusal) {
            while held.readableBytes > 0, try advance(context) { expect(nil) }
            expect(held.readableBytes == 0 && !scanner.isInBody ? nil : scanner.isInBody ? .body : .head)
        } catch {
            refuse(error, context)
        }
    }

    /// A stop waits for a message that has begun; the end of the input in its middle is its end.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where held.readableBytes > 0: heldEvent = event
        case ChannelEvent.inputClosed where held.readableBytes > 0: refuse(.malformed, context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The lane has the beginning of a head, or no longer.
    func expectHead(_ isExpected: Bool) { expect(isExpected ? .head : nil) }

    /// - Returns: whether a message ended, and the next may begin.
    private func advance(_ context: ChannelHandlerContext) throws(MessageRefusal) -> Bool {
        let isWhole = try held.withUnsafeReadableBytes { octets in
            Result { () throws(MessageRefusal) in try scanner.advance(octets) }
        }.get()
        guard isWhole || scanner.isOversized else { return false }
        forgetUpgrade()
        isOver = isWhole && scanner.isConnect
        pass(context)
        if isWhole { scanner = MessageScanner(limits: limits) }
        return isWhole && !isOver
    }

    /// Nobody here speaks another protocol (RFC 9110 §7.8), but the codec would stop reading and keep what comes for one who does.
    private func forgetUpgrade() {
        for name in scanner.upgrades { held.setString("ignored", at: held.readerIndex + name.lowerBound) }
    }

    private func pass(_ context: ChannelHandlerContext) {
        guard let octets = held.readSlice(length: scanner.position), octets.readableBytes > 0 else { return }
        scanner.rebase()
        if held.readableBytes == 0 { held = ByteBuffer() }
        context.fireChannelRead(wrapInboundOut(octets))
        if let event = heldEvent {
            heldEvent = nil
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// What has begun must be there in time; a later piece gives it no more of that.
    private func expect(_ new: Wait?) {
        guard new != wait else { return }
        wait = new
        timer?.cancel()
        timer = nil
        guard let new, let context else { return }
        let time = new == .head ? limits.headSeconds : limits.bodySeconds
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(time)) { self.refuse(.timeout, context) }
    }

    /// ``ParserErrorHandler`` answers, when those before are answered.
    private func refuse(_ refusal: MessageRefusal, _ context: ChannelHandlerContext) {
        expect(nil)
        isOver = true
        held = ByteBuffer()
        context.fireErrorCaught(refusal)
    }
}
