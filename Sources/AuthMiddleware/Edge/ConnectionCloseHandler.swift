import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends the connection after a response that says `Connection: close`, and says so to who asked for it (RFC 9112 §9.6): whatever
/// comes after it is not read as a request, and a body that was refused is not read to its end.
final class ConnectionCloseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A full close while octets arrive would reset the connection and take the answer away from the client.
    private static let linger: TimeAmount = .seconds(1)

    private var unanswered = 0
    /// Whether the last of the unanswered requests is the client's last.
    private var isAskedToClose = false
    private var isLastResponse = false
    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            guard !isAskedToClose else { return isClosing = true }
            unanswered += 1
            isAskedToClose = head.headerFields.saysClose
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var part = unwrapOutboundIn(data)
        if case .head(var head) = part {
            if isAskedToClose, unanswered == 1 { head.headerFields[.connection] = "close" }
            isLastResponse = head.headerFields.saysClose
            part = .head(head)
        }
        context.write(wrapOutboundOut(part), promise: promise)
        guard case .end = part else { return }
        unanswered -= 1
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
    var saysClose: Bool { self[.connection]?.lowercased() == "close" }
}
