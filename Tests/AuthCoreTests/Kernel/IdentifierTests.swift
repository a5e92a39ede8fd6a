import AuthTestSupport
import FoundationEssentials
import Testing

@testable import AuthCore

@Suite struct IdentifierTests {
    private let clock = ManualClock()
    private var identifiers: IdentifierGenerator { IdentifierGenerator(clock: clock) }

    @Test func `an id is a version 7 UUID with the time in its first 48 bits`() {
        for _ in 0..<1000 {
            let octets = identifiers.user(routing: .random()).uuid.octets
            #expect(octets[6] >> 4 == 7)
            #expect(octets[8] >> 6 == 0b10)
            let milliseconds = octets[0..<6].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            #expect(milliseconds == clock.now().microseconds / 1000)
        }
    }

    @Test func `ids are in the order of their time, and distinct`() {
        var ids: [String] = []
        for _ in 0..<1000 {
            ids.append(identifiers.user(routing: .random()).text)
            clock.advance(by: .milliseconds(1))
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `all ids of an account end in its routing key`() {
        let user = identifiers.user(routing: .random())
        #expect(identifiers.session(of: user).routing == user.routing)
        #expect(identifiers.event(routing: user.routing).routing == user.routing)
    }

    @Test func `the routing key is the first 12 bits of an id's last four bytes, and of a digest`() {
        #expect(RoutingKey(of: UUID(uuidString: "01890a5d-ac96-774b-bcce-b302099a8057")!).value == 0x099)
        #expect(RoutingKey(of: UUID(uuidString: "01890a5d-ac96-774b-bcce-b302ffffffff")!).value == 0xFFF)
        #expect(
            RoutingKey(
                digest: Octets32 {
                    $0[0] = 0xAB; $0[1] = 0xCD
                }
            ).value == 0xABC)
        for value in [0, 1, 0x800, 0xFFF] as [Int32] {
            #expect(identifiers.user(routing: RoutingKey(value)).routing.value == value)
        }
    }

    @Test func `chance fills what time and routing leave`() {
        let routing = RoutingKey(7)
        #expect(Set((0..<100).map { _ in identifiers.user(routing: routing).uuid.octets.suffix(3).map { $0 } }).count > 90)
        let tails = (0..<1000).map { _ in identifiers.user(routing: .random()).uuid.octets }
        #expect(Set(tails).count == 1000)
    }
}
