import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Adds `Connection` to each answer that needs it, and ends the connection after the last answer (RFC 9112 §9.3, §9.6). Later
/// octets are not read as a request, and a refused body is not read to its end.
final class ConnectionCloseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A full close while octets arrive would reset the connection and take the answer away from the client.
    private static let linger: TimeAmount = .seconds(1)

    private var next = Persistence.persistent
    /// One for each request that is not answered yet.
    private var unanswered = CircularBuffer<Persistence>(initialCapacity: 1)
    private var isLastResponse = false
    private var isClosing = false

    /// Called by ``MessageBoundary`` for the request that it is about to pass on.
    func expect(_ persistence: Persistence) { next = persistence }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        if case .head = unwrapInboundIn(data) { unanswered.append(next) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var part = unwrapOutboundIn(data)
        if case .head(var head) = part {
            switch unanswered.first {
            case .last: head.headerFields[.connection] = "close"
            case .keepAlive where !head.headerFields.saysClose: head.headerFields[.connection] = "keep-alive"
            default: break
            }
            isLastResponse = head.headerFields.saysClose
            part = .head(head)
        }
        context.write(wrapOutboundOut(part), promise: promise)
        guard case .end = part else { return }
        _ = unanswered.popFirst()
        if isLastResponse { close(context) }
    }

    private func close(_ context: ChannelHandlerContext) {
        isClosing = true
        context.flush()
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.linger) { channel.close(promise: nil) }
    }
}

extension HTTPFields {
    /// Whether an answer says that the connection ends. No other handler writes `Connection`.
    var saysClose: Bool { self[.connection]?.utf8.isText("close") ?? false }
}
