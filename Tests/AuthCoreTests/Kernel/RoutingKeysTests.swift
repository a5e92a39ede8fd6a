import AuthCrypto
import Testing

@testable import AuthCore

@Suite struct RoutingKeysTests {
    private func network(of ip: String) -> [UInt8] { RoutingKeys.widestNetwork(of: Array(ip.utf8)) }

    @Test func `all addresses of a network have one key, however they are written`() {
        for ip in ["2001:db8:af::1", "2001:DB8:AF:1:2:3:4:5", "2001:0db8:00af:0000:ffff::", "2001:db8:af:ffff::1.2.3.4", "2001:db8:af::"] {
            #expect(network(of: ip) == [0x20, 0x01, 0x0D, 0xB8, 0, 0xAF], "\(ip)")
        }
        for ip in ["::", "::1", "0:0:0:4:5:6:7:8", "::4:5:6:7:8", "0::ffff:1.2.3.4", "::2:3:4:5:1.2.3.4"] {
            #expect(network(of: ip) == [0, 0, 0, 0, 0, ip.hasPrefix("::2") ? 2 : 0], "\(ip)")
        }
        #expect(network(of: "::3:4:5:6:7:8") == [0, 0, 0, 0, 0, 3])
        #expect(network(of: "2001::3:4:5:6:7:8") == [0x20, 1, 0, 0, 0, 3])
        #expect(network(of: "192.0.2.7") == Array("192.0.2.7".utf8))
    }

    @Test func `other networks have other keys`() throws {
        let keys = RoutingKeys(cryptography: OpenSSLTokenCryptography())
        let found = Set(try (0..<200).map { number in try keys.key(ofNetworksOf: "2001:db8:\(number)::1") })
        #expect(found.count > 150)
        #expect(try keys.key(ofNetworksOf: nil) == keys.key(ofNetworksOf: "::1"))
    }
}
