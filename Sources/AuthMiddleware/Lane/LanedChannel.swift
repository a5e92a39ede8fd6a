import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 channel with the lane before its codec.
struct LanedChannel: HTTPChannelHandler {
    let base: HTTP1Channel
    let lane: GuardedLane

    var responder: Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let handler = LaneHandler(
                lane: lane, eventLoop: channel.eventLoop, ordinary: try pipeline.handler(type: OrdinaryWay.self),
                idle: try pipeline.handler(type: IdleTimeout.self))
            try pipeline.addHandler(handler, position: .first)
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
