public import HummingbirdCore
public import NIOCore

/// The outermost layer: HTTP/1.1 with limits, parser errors in our own form, and before them the lane.
public enum HTTPEdge {
    /// - Parameter secure: puts TLS before everything else in the pipeline of a new connection.
    public static func http1(
        limits: HTTPLimits, lane: GuardedLane, secure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> HTTPServerBuilder {
        let (isSecure, logger) = (lane.parts.isSecure, lane.parts.logger)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionCloseHandler(), ParserErrorHandler(isSecure: isSecure, logger: logger),
                IdleTimeout(limit: .seconds(limits.idleSeconds)), OrdinaryWay(),
            ],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: max(limits.uriBytes, limits.headerFieldBytes),
                // The codec counts the request target as well; MessageBoundary has counted before.
                maxHeaderListSize: limits.uriBytes + limits.headerListBytes, maxHeaderFieldCount: limits.headerFields))
        return HTTPServerBuilder { responder in
            LanedChannel(base: HTTP1Channel(responder: responder, configuration: configuration), lane: lane, limits: limits, secure: secure)
        }
    }
}
