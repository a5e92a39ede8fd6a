public import HTTPTypes
public import HummingbirdCore
public import NIOCore

/// The outermost layer: HTTP/1.1 with limits. It knows nothing of authentication.
public struct Edge: Sendable {
    /// The answer to a message that is not a request.
    public struct Answer {
        let head: HTTPResponse
        let body: ByteBuffer

        /// - Parameter head: with all fields, `Content-Length` and `Connection: close` included.
        public init(head: HTTPResponse, body: ByteBuffer) {
            self.head = head
            self.body = body
        }
    }

    let limits: HTTPLimits
    let paths: EdgePaths
    let places: ConnectionPlaces?
    let findsOrigin: Bool
    let refuse: @Sendable (RefusedMessage) -> Answer

    /// - Parameters:
    ///   - places: the places for connections; `nil` for no limit.
    ///   - findsOrigin: whether answers depend on `Origin`.
    ///   - refuse: the answer to a message that is not a request.
    public init(
        limits: HTTPLimits, paths: EdgePaths, places: ConnectionPlaces?, findsOrigin: Bool,
        refuse: @escaping @Sendable (RefusedMessage) -> Answer
    ) {
        self.limits = limits
        self.paths = paths
        self.places = places
        self.findsOrigin = findsOrigin
        self.refuse = refuse
    }

    /// - Parameters:
    ///   - front: puts the first handler for octets into the pipeline of a new connection.
    ///   - secure: puts TLS before it.
    public func server(
        front: @escaping @Sendable (any Channel, EdgeConnection) throws -> Void,
        secure: @escaping @Sendable (any Channel) throws -> Void
    ) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionCloseHandler(), ParserErrorHandler(refuse: refuse), IdleTimeout(limit: .seconds(limits.idleSeconds)),
                FrameworkExchange(),
            ],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: max(limits.uriBytes, limits.headerFieldBytes),
                // The codec counts the request target as well; MessageBoundary has counted before.
                maxHeaderListSize: limits.uriBytes + limits.headerListBytes, maxHeaderFieldCount: limits.headerFields))
        return HTTPServerBuilder { responder in
            EdgeChannel(base: HTTP1Channel(responder: responder, configuration: configuration), edge: self, front: front, secure: secure)
        }
    }
}
