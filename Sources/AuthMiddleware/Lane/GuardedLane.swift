import NIOConcurrencyHelpers
import NIOCore
public import Logging

/// A lane for guarded reads and refreshes, before the HTTP codec and the framework: it answers what every service asks for every
/// request of its own, and what every client does again and again, at a third of the price.
///
/// It takes a request only when every octet of it is beyond doubt; everything else goes the ordinary way unchanged. Both ways ask
/// the same services and give the same answers, to the octet. In this room: ``LaneRoutes`` says what, ``LaneHead`` recognises it,
/// ``LaneHandler`` keeps one connection's order, ``LaneLoop`` asks for one event loop, ``LaneAnswer`` writes.
public final class GuardedLane: Sendable {
    /// What every part of it needs.
    struct Parts: Sendable {
        let routes: LaneRoutes
        let addresses: ClientAddress
        let requestTime: Duration
        let isSecure: Bool
        /// Whether answers depend on which page asks, be they for one or not.
        let variesByOrigin: Bool
        let logger: Logger
    }

    let parts: Parts
    private let loops = NIOLockedValueBox<[ObjectIdentifier: NIOLoopBound<LaneLoop>]>([:])

    /// - Parameter isSecure: whether clients come over TLS of ours.
    public init(
        routes: LaneRoutes, addresses: ClientAddress, limits: HTTPLimits, origins: AllowedOrigins = .none, isSecure: Bool = false,
        logger: Logger
    ) {
        parts = Parts(
            routes: routes, addresses: addresses, requestTime: limits.requestTime, isSecure: isSecure, variesByOrigin: !origins.isEmpty,
            logger: logger)
    }

    /// The lane's part on the event loop that calls this.
    func loop(on eventLoop: any EventLoop) -> LaneLoop {
        loops.withLockedValue { loops in
            let known = loops[ObjectIdentifier(eventLoop)]
            let loop = known ?? NIOLoopBound(LaneLoop(parts, eventLoop: eventLoop), eventLoop: eventLoop)
            loops[ObjectIdentifier(eventLoop)] = loop
            return loop
        }.value
    }
}
