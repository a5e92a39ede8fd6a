import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 channel with the lane, and the boundary between messages, before its codec.
struct LanedChannel: HTTPChannelHandler {
    let base: HTTP1Channel
    let lane: GuardedLane
    let limits: HTTPLimits
    let secure: @Sendable (any Channel) throws -> Void

    /// An idle connection keeps one. Most requests fit in a KiB; where they do not, the next are larger.
    private static let readBuffers = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 1024, maximum: 65_536)

    var responder: Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.readBuffers)
            let boundary = MessageBoundary(limits: limits)
            let handler = LaneHandler(
                lane: lane, eventLoop: channel.eventLoop, boundary: boundary, ordinary: try pipeline.handler(type: OrdinaryWay.self),
                idle: try pipeline.handler(type: IdleTimeout.self))
            try pipeline.addHandlers([handler, boundary], position: .first)
            try secure(channel)
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
