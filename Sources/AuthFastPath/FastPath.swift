public import AuthMiddleware
public import HTTPEdge
public import HummingbirdCore
import NIOConcurrencyHelpers
public import NIOCore

/// Answers the most frequent requests before the HTTP codec and the framework, at a third of the price: guarded reads, which services make
/// for every request of their own, and refreshes, which every client makes again and again. It also refuses passwords while there is no
/// room to hash them.
///
/// It takes a request only if every octet of it is beyond doubt. The framework gets everything else unchanged. Both ask the same services
/// and give the same answers, to the octet. ``FastTwin`` declares a route, ``FastPathHead`` recognises its requests, ``FastPathHandler``
/// keeps the order of one connection, ``FastPathLoop`` asks the services for one event loop, and ``FastPathAnswer`` writes.
public final class FastPath: Sendable {
    let routes: FastRoutes
    private let options: HTTPOptions
    private let loops = NIOLockedValueBox<[ObjectIdentifier: NIOLoopBound<FastPathLoop>]>([:])

    /// - Parameter options: those of the router that answers all other requests.
    public init(_ routes: FastRoutes, _ options: HTTPOptions) {
        self.routes = routes
        self.options = options
    }

    /// HTTP/1.1 with the fast path before the framework. Refused messages are answered with problem documents.
    ///
    /// - Parameters:
    ///   - places: the places for connections; `nil` for no limit.
    ///   - secure: puts TLS first in the pipeline of a new connection.
    public func server(
        paths: EdgePaths, places: ConnectionPlaces? = nil, secure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> HTTPServerBuilder {
        let options = options
        let edge = Edge(limits: options.limits, paths: paths, places: places, findsOrigin: !options.origins.isEmpty) { $0.answer(options) }
        let front = { @Sendable (channel: any Channel, connection: EdgeConnection) throws in
            let handler = FastPathHandler(self, eventLoop: channel.eventLoop, edge: connection)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }
        return edge.server(front: front, secure: secure)
    }

    /// The part of the fast path on the event loop that calls this.
    func loop(on eventLoop: any EventLoop) -> FastPathLoop {
        loops.withLockedValue { loops in
            let known = loops[ObjectIdentifier(eventLoop)]
            let loop = known ?? NIOLoopBound(FastPathLoop(routes, options, eventLoop: eventLoop), eventLoop: eventLoop)
            loops[ObjectIdentifier(eventLoop)] = loop
            return loop
        }.value
    }
}
