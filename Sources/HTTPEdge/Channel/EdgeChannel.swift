import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 channel with the boundary between messages before its codec, and the front before that.
struct EdgeChannel: HTTPChannelHandler {
    let base: HTTP1Channel
    let edge: Edge
    let front: @Sendable (any Channel, EdgeConnection) throws -> Void
    let secure: @Sendable (any Channel) throws -> Void

    /// An idle connection keeps one. Most requests fit in a KiB; where they do not, the next are larger.
    private static let readBuffers = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 1024, maximum: 4096)

    var responder: Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.readBuffers)
            let idle = try channel.pipeline.syncOperations.handler(type: IdleTimeout.self)
            let kind = takePlace(for: channel, idle)
            try addHandlers(to: channel, idle, kind)
            if kind == .nothing { channel.eventLoop.execute { channel.close(promise: nil) } }
            try secure(channel)
            return value
        }
    }

    private func addHandlers(to channel: any Channel, _ idle: IdleTimeout, _ kind: ConnectionPlaces.Kind) throws {
        let pipeline = channel.pipeline.syncOperations
        let exchange = try pipeline.handler(type: FrameworkExchange.self)
        let boundary = MessageBoundary(
            limits: edge.limits, paths: edge.paths, findsOrigin: edge.findsOrigin, servesHealthAlone: kind != .all,
            exchange: exchange, closing: try pipeline.handler(type: ConnectionCloseHandler.self))
        try pipeline.addHandler(boundary, position: .first)
        // The front does not answer health checks.
        guard kind == .all else { return }
        try front(channel, EdgeConnection(boundary: boundary, exchange: exchange, idle: idle))
    }

    private func takePlace(for channel: any Channel, _ idle: IdleTimeout) -> ConnectionPlaces.Kind {
        guard let places = edge.places else { return .all }
        let bound = NIOLoopBound(idle, eventLoop: channel.eventLoop)
        let place = ConnectionPlace(network: places.network(of: channel.remoteAddress?.ipAddress)) {
            channel.eventLoop.execute { bound.value.giveUpPlace(channel, places) }
        }
        idle.place = place
        let kind = places.take(place)
        // Only after the place is taken: if the channel is closed already, this runs immediately.
        channel.closeFuture.whenComplete { _ in
            places.leave(place)
            // What closes the place holds the idle handler and the channel, so the handler must let go of the place.
            bound.value.place = nil
        }
        return kind
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
