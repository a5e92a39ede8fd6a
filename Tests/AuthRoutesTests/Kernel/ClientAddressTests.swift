import AuthTestSupport
import HTTPTypes
import Testing

@testable import HTTPEdge

@Suite struct ClientAddressTests {
    private static let proxies = TrustedProxies("10.0.0.0/8, 192.0.2.7,2001:db8::/32")!

    @Test(arguments: [
        // Only a trusted proxy is believed.
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"), ("192.0.2.8", ["198.51.100.1"], "192.0.2.8"),
        ("11.0.0.1", ["10.0.0.1"], "11.0.0.1"), ("2001:db9::1", ["198.51.100.1"], "2001:db9::1"),
        // From the right, past trusted proxies, and no further.
        ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"), ("10.1.2.3", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["127.0.0.1, 198.51.100.1,10.9.9.9 ,\t192.0.2.7"], "198.51.100.1"),
        ("10.1.2.3", ["127.0.0.1", "198.51.100.1", "10.9.9.9"], "198.51.100.1"), ("10.1.2.3", ["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        ("2001:DB8::2", ["2001:DB8:0::0:1, 2001:db9:0:0:0:0:0:1"], "2001:db9::1"),
        // One address has one name, however it is written.
        ("::ffff:10.1.2.3", ["::ffff:198.51.100.1"], "198.51.100.1"), ("::ffff:a01:203", ["::FFFF:C633:6401"], "198.51.100.1"),
        ("10.1.2.3", [], "10.1.2.3"), ("10.1.2.3", ["2001:db9:0:0::1"], "2001:db9::1"),
    ])
    func `X-Forwarded-For is read from the right, as far as trusted proxies wrote it`(
        _ peer: String, _ fields: [String], _ client: String
    ) {
        #expect(Self.proxies.client(of: peer, forwardedFor: fields) == client)
    }

    @Test(arguments: [
        "a", "", " ", ",", "unknown", "_hidden", "198.51.100", "198.51.100.01", "198.51.100.256", "0x7f.0.0.1", "198.51.100.1:80",
        "[2001:db9::1]", "fe80::1%eth0", "198.51.100.1 198.51.100.2", "198.51.100.1/32", "198.51.100.1\0", "١.1.1.1", "for=198.51.100.1",
        "3325256705", "10.0.0.1;", "\"198.51.100.1\"",
    ])
    func `RL4: what is no address relaxes nothing: the client is whoever passed it on`(_ text: String) {
        #expect(Self.proxies.client(of: "10.1.2.3", forwardedFor: [text]) == "10.1.2.3")
        #expect(Self.proxies.client(of: "10.1.2.3", forwardedFor: ["127.0.0.1, \(text)"]) == "10.1.2.3")
        #expect(Self.proxies.client(of: "10.1.2.3", forwardedFor: ["127.0.0.1, \(text), 10.9.9.9"]) == "10.9.9.9")
    }

    @Test func `by default no proxy is believed`() {
        #expect(TrustedProxies("none")?.client(of: "127.0.0.1", forwardedFor: ["198.51.100.1"]) == "127.0.0.1")
        #expect(TrustedProxies.none.client(of: nil, forwardedFor: ["198.51.100.1"]) == nil)
    }

    @Test(arguments: [
        "", ",", "none,10.0.0.1", "10.0.0.0/8,", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.0.0.0 /8", "::1/129", "2001:db8::1/32", "localhost", "10.0.0", "*", "10.0.0.0/255.0.0.0", "10.0.0.0/٨",
    ])
    func `no list of proxies`(_ text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0/0", true), ("::/0", true), ("10.0.0.1,0.0.0.0/0", true), ("::ffff:0:0/96", true), ("::/80", true), ("::/81", false),
        ("0.0.0.0/1", false),
        ("none", false), ("::1", false), ("8000::/1", false),
    ])
    func `a list that trusts everybody is known for it`(_ text: String, _ trustsEverybody: Bool) throws {
        #expect(try #require(TrustedProxies(text)).trustsEverybody == trustsEverybody)
    }
}
