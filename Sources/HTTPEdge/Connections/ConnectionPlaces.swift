public import Logging
import NIOConcurrencyHelpers
import NIOCore

/// The places for clients' connections. No network takes more than its share. If all places are taken, a new connection gets the place
/// of the connection that has been idle longest.
///
/// If none is idle, there are a few more places for one health check each. So a supervisor gets an answer however busy the server is,
/// and every other client knows immediately that there is no room.
public final class ConnectionPlaces: Sendable {
    /// What a connection may ask.
    enum Kind { case all, health, nothing }

    /// How many connections may ask only for health, at one time.
    public static let healthPlaces = 16

    /// The connections of each network. Those of trusted proxies, which many clients share, have none.
    fileprivate struct Taken {
        var networks: [Network?: [ObjectIdentifier: ConnectionPlace]] = [:]
        var count = 0
        /// In the order of their arrival.
        var forHealth: [ConnectionPlace] = []
        /// The connections that must close and have not closed yet, and what they may ask.
        var displaced: [ObjectIdentifier: (place: ConnectionPlace, kind: Kind)] = [:]
        var nextWarning = ContinuousClock.now
    }

    private let total: Int
    private let perNetwork: Int
    private let proxies: TrustedProxies
    private let logger: Logger
    private let taken = NIOLockedValueBox(Taken())

    /// - Parameters:
    ///   - total: connections at one time, without those for health.
    ///   - perNetwork: connections of one IPv4 address or IPv6 /64 at one time.
    ///   - proxies: have no limit of their own, since all their clients connect through them.
    public init(total: Int, perNetwork: Int, proxies: TrustedProxies, logger: Logger) {
        (self.total, self.perNetwork, self.proxies, self.logger) = (total, min(total, perNetwork), proxies, logger)
    }

    /// - Parameter address: of the peer.
    func network(of address: String?) -> Network? {
        address.flatMap { IPAddress($0.utf8) }.flatMap { proxies.contain($0) ? nil : Network($0) }
    }

    /// Takes a place for a new connection. May close idle connections for it.
    func take(_ place: ConnectionPlace, at now: NIODeadline = .now()) -> Kind {
        let (kind, leaving, isToWarn) = taken.withLockedValue { taken in
            let (kind, leaving) = taken.place(place, total: total, perNetwork: perNetwork, at: now)
            let isToWarn = kind != .all && taken.nextWarning <= .now
            if isToWarn { taken.nextWarning = .now + .seconds(60) }
            return (kind, leaving, isToWarn)
        }
        for place in leaving { place.close() }
        if isToWarn {
            logger.warning("no place for a connection", metadata: ["network": "\(place.network?.description ?? "a trusted proxy")"])
        }
        return kind
    }

    /// The connection is closed.
    func leave(_ place: ConnectionPlace) { taken.withLockedValue { $0.remove(place) } }

    /// The connection was to give up its place, but a request came before it was closed. Nothing happens if it has closed since.
    func stay(_ place: ConnectionPlace) { taken.withLockedValue { $0.putBack(place) } }
}

extension ConnectionPlaces.Taken {
    /// More than one leaves if earlier ones stayed that had to leave.
    fileprivate mutating func place(
        _ place: ConnectionPlace, total: Int, perNetwork: Int, at now: NIODeadline
    ) -> (ConnectionPlaces.Kind, leaving: [ConnectionPlace]) {
        var leaving: [ConnectionPlace] = []
        while true {
            let own = place.network.flatMap { networks[$0] } ?? [:]
            let isBeyondShare = own.count >= perNetwork
            guard isBeyondShare || count >= total else { break }
            let idle = isBeyondShare ? own.values.longestIdle(at: now) : networks.values.lazy.flatMap(\.values).longestIdle(at: now)
            guard let idle else { return (placeForHealth(place, &leaving), leaving) }
            displace(idle, .all)
            leaving.append(idle)
        }
        add(place)
        return (.all, leaving)
    }

    private mutating func placeForHealth(_ place: ConnectionPlace, _ leaving: inout [ConnectionPlace]) -> ConnectionPlaces.Kind {
        while forHealth.count >= ConnectionPlaces.healthPlaces {
            // A flood of new connections must not keep the next health check out.
            guard let idle = forHealth.longestIdle(at: .distantFuture) else { return .nothing }
            displace(idle, .health)
            leaving.append(idle)
        }
        forHealth.append(place)
        return .health
    }

    private mutating func add(_ place: ConnectionPlace) {
        if networks[place.network, default: [:]].updateValue(place, forKey: ObjectIdentifier(place)) == nil { count += 1 }
    }

    private mutating func displace(_ place: ConnectionPlace, _ kind: ConnectionPlaces.Kind) {
        remove(place)
        displaced[ObjectIdentifier(place)] = (place, kind)
    }

    fileprivate mutating func putBack(_ place: ConnectionPlace) {
        guard let kind = displaced.removeValue(forKey: ObjectIdentifier(place))?.kind else { return }
        if kind == .health { forHealth.append(place) } else { add(place) }
    }

    fileprivate mutating func remove(_ place: ConnectionPlace) {
        if networks[place.network]?.removeValue(forKey: ObjectIdentifier(place)) != nil { count -= 1 }
        if networks[place.network]?.isEmpty == true { networks[place.network] = nil }
        forHealth.removeAll { $0 === place }
        displaced[ObjectIdentifier(place)] = nil
    }
}

extension Sequence<ConnectionPlace> {
    fileprivate func longestIdle(at now: NIODeadline) -> ConnectionPlace? {
        lazy.compactMap { place in place.idleSince(at: now).map { (place, $0) } }.min { $0.1 < $1.1 }?.0
    }
}
