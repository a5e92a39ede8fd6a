import Testing

@testable import AuthCrypto

@Suite struct NetworkUseTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func use(_ addresses: some Sequence<String>) -> NetworkUse {
        var use = NetworkUse(start: start)
        for address in addresses { use.add(ClientNetworks(of: address), now: start) }
        return use
    }

    @Test func `each address of IPv4 has a count of its own, which halves every minute`() {
        let use = use(Array(repeating: "192.0.2.1", count: 8))
        let counts = [0.0, 60, 120].map { use.count(of: ClientNetworks(of: "192.0.2.1"), now: at($0)) }
        #expect(counts == [8, 4, 2])
        #expect(use.count(of: ClientNetworks(of: "192.0.2.2"), now: start) == 0)
    }

    @Test func `RL3: one /64 is one network, a /56 counts as four of them and a /48 as sixteen`() {
        let one = use((0..<100).map { "2001:db8:1:1::\($0)" })
        #expect(one.count(of: ClientNetworks(of: "2001:db8:1:1:ffff::1"), now: start) == 100)
        let wide = use((0..<160).map { "2001:db8:1:\(String($0 * 256, radix: 16))::1" })
        #expect(wide.count(of: ClientNetworks(of: "2001:db8:1:ffff::1"), now: start) == 10)
        let middle = use((0..<100).map { "2001:db8:1:\(String($0, radix: 16))::1" })
        #expect(middle.count(of: ClientNetworks(of: "2001:db8:1:ff::1"), now: start) == 25)
        #expect(middle.count(of: ClientNetworks(of: "2001:db8:2::1"), now: start) == 0)
    }

    @Test func `clients without an address are one network, and so is what is no address`() {
        let use = use(["", "a", "192.0.2.1.5"])
        #expect(use.count(of: ClientNetworks(of: nil), now: start) == 3)
    }

    @Test func `RL3: a client that changes its /64 for each attempt does not make others look busy`() {
        let use = use((0..<65_536).map { "2001:db8:1:\(String($0, radix: 16))::1" })
        let others = (0..<500).filter { use.count(of: ClientNetworks(of: "10.0.\($0 / 250).\($0 % 250)"), now: start) >= 2 }
        #expect(others.count <= 10)
        #expect(use.count(of: ClientNetworks(of: "2001:db8:1::1"), now: start) >= 4096)
    }

    @Test func `what is given back does not count`() {
        var use = use(Array(repeating: "192.0.2.1", count: 8))
        use.giveBack(0.75, of: ClientNetworks(of: "192.0.2.1"), now: start)
        #expect(use.count(of: ClientNetworks(of: "192.0.2.1"), now: start) == 7.25)
    }
}
