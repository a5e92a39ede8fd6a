import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPEdge

/// Who has a place among the connections, and who makes room.
@Suite struct ConnectionPlacesTests {
    private static let start = NIODeadline.now()

    private static func places(total: Int = 8, perNetwork: Int = 2) -> ConnectionPlaces {
        ConnectionPlaces(
            total: total, perNetwork: perNetwork, proxies: TrustedProxies("192.0.2.9")!,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func connection(_ places: ConnectionPlaces, _ address: String?, closed: @escaping @Sendable () -> Void = {})
        -> ConnectionPlace
    {
        ConnectionPlace(network: places.network(of: address), now: start, close: closed)
    }

    @Test func `HT6: an IPv4 address, and an IPv6 64, is one network, and a trusted proxy none`() {
        let places = Self.places()
        #expect(places.network(of: "198.51.100.1") != places.network(of: "198.51.100.2"))
        #expect(places.network(of: "198.51.100.1") == places.network(of: "::ffff:198.51.100.1"))
        #expect(places.network(of: "2001:db8::1") == places.network(of: "2001:db8::ffff:0:0:2"))
        #expect(places.network(of: "2001:db8::1") != places.network(of: "2001:db8:0:1::1"))
        #expect(places.network(of: "192.0.2.9") == nil && places.network(of: nil) == nil)
    }

    @Test func `HT6: beyond its share a network has health alone, unless one of its own is idle`() {
        let places = Self.places()
        let own = (0..<2).map { _ in Self.connection(places, "198.51.100.1") }
        for place in own { #expect(places.take(place, at: Self.start) == .all) }
        // They are new.
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .health)
        #expect(places.take(Self.connection(places, "198.51.100.2"), at: Self.start) == .all)
        own[1].becameIdle(at: Self.start - .seconds(1))
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .all)
        own[0].becameBusy()
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .health)
        places.leave(own[0])
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .all)
        for _ in 0..<4 { #expect(places.take(Self.connection(places, "192.0.2.9"), at: Self.start) == .all) }
    }

    @Test func `F25: the places for health go to the next, but for those that are being answered`() {
        let places = Self.places(total: 1)
        _ = places.take(Self.connection(places, "198.51.100.1"), at: Self.start)
        let waiting = (0..<ConnectionPlaces.healthPlaces).map { Self.connection(places, "2001:db8:0:\($0)::1") }
        for place in waiting { #expect(places.take(place, at: Self.start) == .health) }
        #expect(places.take(Self.connection(places, "203.0.113.1"), at: Self.start) == .health)
        let places2 = Self.places(total: 1)
        _ = places2.take(Self.connection(places2, "198.51.100.1"), at: Self.start)
        for place in waiting {
            place.becameBusy()
            #expect(places2.take(place, at: Self.start) == .health)
        }
        #expect(places2.take(Self.connection(places2, "203.0.113.1"), at: Self.start) == .nothing)
    }

    /// An idle connection has the last place of the kind, and a new one takes that place.
    private static func displaced(_ kind: ConnectionPlaces.Kind) -> (places: ConnectionPlaces, old: ConnectionPlace, new: ConnectionPlace) {
        let places = Self.places(total: 1)
        if kind == .health { fillOrdinaryAndHealth(places) }
        let (old, new) = (Self.connection(places, "198.51.100.1"), Self.connection(places, "198.51.100.2"))
        #expect(places.take(old, at: start) == kind)
        old.becameIdle(at: start)
        #expect(places.take(new, at: start) == kind)
        old.becameBusy()
        new.becameBusy()
        return (places, old, new)
    }

    /// Busy connections take the ordinary place, and all places for health except one.
    private static func fillOrdinaryAndHealth(_ places: ConnectionPlaces) {
        for number in 0..<ConnectionPlaces.healthPlaces {
            let place = Self.connection(places, "2001:db8:0:\(number)::1")
            place.becameBusy()
            #expect(places.take(place, at: start) == (number == 0 ? .all : .health))
        }
    }

    @Test func `HT6: a connection that closed after it lost its place does not get the place back`() {
        let (places, old, new) = Self.displaced(.all)
        places.leave(old)
        places.stay(old)
        places.leave(new)
        #expect(places.take(Self.connection(places, "203.0.113.1"), at: Self.start) == .all)
    }

    @Test(arguments: [false, true])
    func `HT6: a connection that was to give up its place stays if a request came and it is open`(_ isOpen: Bool) throws {
        let (places, old, new) = Self.displaced(.all)
        let channel = EmbeddedChannel()
        if isOpen { try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait() }
        let idle = IdleTimeout(limit: .seconds(60))
        idle.place = old
        idle.requestBegan()
        idle.giveUpPlace(channel, places)
        places.leave(new)
        #expect(channel.isActive == isOpen)
        #expect(places.take(Self.connection(places, "203.0.113.1"), at: Self.start) == (isOpen ? .health : .all))
        places.leave(old)
    }

    @Test func `HT6: after a connection stayed, idle ones are closed until the limit holds again`() {
        let places = Self.places()
        let own = (0..<3).map { _ in Self.connection(places, "198.51.100.1") }
        for place in own[0..<2] {
            _ = places.take(place, at: Self.start)
            place.becameIdle(at: Self.start)
        }
        own[0].becameIdle(at: Self.start - .seconds(1))
        #expect(places.take(own[2], at: Self.start) == .all)
        own[0].becameBusy()
        places.stay(own[0])
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .health)
        own[2].becameIdle(at: Self.start)
        #expect(places.take(Self.connection(places, "198.51.100.1"), at: Self.start) == .all)
    }

    @Test func `F25: a connection for health that stays takes a place for health, until it closes`() {
        let (places, old, new) = Self.displaced(.health)
        places.stay(old)
        // All places for health are still taken by busy connections.
        places.leave(new)
        #expect(places.take(Self.connection(places, "203.0.113.1"), at: Self.start) == .nothing)
        places.leave(old)
        #expect(places.take(Self.connection(places, "203.0.113.1"), at: Self.start) == .health)
        let (places2, old2, new2) = Self.displaced(.health)
        places2.leave(old2)
        places2.stay(old2)
        places2.leave(new2)
        #expect(places2.take(Self.connection(places2, "203.0.113.1"), at: Self.start) == .health)
    }
}
