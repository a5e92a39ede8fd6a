import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends the connection after a response that says `Connection: close` (RFC 9112 §9.6): whatever comes after it is not read as a
/// request, and a body that was refused is not read to its end.
final class ConnectionCloseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A full close while octets arrive would reset the connection and take the answer away from the client.
    private static let linger: TimeAmount = .seconds(1)

    private var isLastResponse = false
    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isClosing { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        switch unwrapOutboundIn(data) {
        case .head(let head): isLastResponse = head.headerFields.saysClose
        case .body: break
        case .end: if isLastResponse { close(context) }
        }
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
    var saysClose: Bool { self[.connection] == "close" }
}
