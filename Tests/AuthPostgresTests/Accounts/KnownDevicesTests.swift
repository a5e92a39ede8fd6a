import AuthCore
import AuthTestSupport
import Testing

/// Sign-ins from devices and networks that an account does not know.
@Suite struct KnownDevicesTests {
    private static func origin(_ ip: String, _ agent: String) -> RequestOrigin { RequestOrigin(ip: ip, userAgent: agent, requestID: "r") }

    private static func notices(_ stores: TestStores) -> Int { stores.mails.letters.filter { $0.kind == .newSignIn }.count }

    @Test func `SE14: a sign-in from an unknown device and network is told to the owner, once, and from a known one it is not`()
        async throws
    {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            _ = try await owner.logIn()
            _ = try await owner.logIn(from: Self.origin("198.51.100.1", "curl/8"))
            _ = try await owner.logIn(from: Self.origin("192.0.2.200", "another browser"))
            try await owner.send()
            #expect(Self.notices(stores) == 0)
            for _ in 0..<2 { _ = try await owner.logIn(from: Self.origin("203.0.113.9", "a stranger's browser")) }
            try await owner.send()
            #expect(Self.notices(stores) == 1)
            let notice = try owner.letter(.newSignIn)
            #expect(notice.values.ip == "203.0.113.9" && notice.values.userAgent == "a stranger's browser" && !notice.secureToken.isEmpty)
        }
    }

    @Test func `SE14: a sign-in whose password is wrong tells nothing, and makes no device known`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let stranger = Self.origin("203.0.113.9", "a stranger's browser")
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn("wrong", from: stranger) }
            try await owner.send()
            #expect(Self.notices(stores) == 0)
            _ = try await owner.logIn(from: stranger)
            try await owner.send()
            #expect(Self.notices(stores) == 1)
        }
    }

    @Test func `an account keeps thirty digests at most, and gets three of these mails in a quarter of an hour`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            for number in 0..<30 {
                _ = try await owner.logIn(from: Self.origin("203.0.\(number).1", "browser \(number)"))
                if number % 5 == 0 { try await stores.forgetLimits() }
            }
            try await owner.send()
            #expect(Self.notices(stores) == 3)
            #expect(try await stores.database.value("SELECT count(*) FROM known_devices") == "30")
        }
    }
}
