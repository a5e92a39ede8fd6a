public import HummingbirdCore
import NIOCore

/// The outermost layer: HTTP/1.1 with limits, and parser errors in our own form.
public enum HTTPEdge {
    public static func http1(limits: HTTPLimits) -> HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionCloseHandler(), ParserErrorHandler()],
                idleTimeout: .seconds(limits.idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerFieldBytes, maxHeaderListSize: limits.headerListBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }
}
