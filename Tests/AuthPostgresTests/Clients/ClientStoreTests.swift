import AuthCore
import AuthPostgres
import AuthTestSupport
import Testing

@Suite struct ClientStoreTests {
    @Test func `a client is kept by its digest, once, and its revocation is for good`() async throws {
        try await TestStores.with { stores in
            let id = try #require(ServiceClientID("orders"))
            let digest = Octets32.random()
            let routing = try TestStores.routing.key(of: id)
            let event = { (kind: AuditKind) in stores.event(kind, routing: routing) }
            #expect(try await stores.clients.find(id) == nil)
            #expect(try await stores.clients.add(id, secretDigest: digest, event: event(.clientCreated)))
            #expect(try await !stores.clients.add(id, secretDigest: .random(), event: event(.clientCreated)))
            let found = try #require(await stores.clients.find(id))
            #expect(found.secretDigest.equalsInConstantTime(digest) && found.revokedAt == nil)
            #expect(try await stores.clients.revoke(id, event: event(.clientRevoked)))
            #expect(try await !stores.clients.revoke(id, event: event(.clientRevoked)))
            #expect(try await stores.clients.find(id)?.revokedAt != nil)
            #expect(try await stores.clients.all().map(\.id) == [id])
            try await stores.clients.recordRefusal(of: id, event: event(.clientRefused))
            try await stores.clients.recordRefusal(of: nil, event: event(.clientRefused))
            let rows = try await stores.database.query("SELECT type, outcome, details ->> 'client' FROM audit.events ORDER BY occurred_at")
            #expect(
                rows == [
                    ["client_created", "success", "orders"], ["client_revoked", "success", "orders"],
                    ["client_authn_fail", "failure", "orders"], ["client_authn_fail", "failure", nil],
                ])
        }
    }

    @Test func `IN1: a rotated client has two secrets until the overlap is over, and never three`() async throws {
        try await TestStores.with { stores in
            let id = try #require(ServiceClientID("orders"))
            let digests = (0..<3).map { _ in Octets32.random() }
            let routing = try TestStores.routing.key(of: id)
            let event = { (kind: AuditKind) in stores.event(kind, routing: routing) }
            func rotate(to digest: Octets32, overlap: Duration) async throws -> Bool {
                try await stores.clients.rotate(id, secretDigest: digest, overlap: overlap, event: event(.clientRotated))
            }
            #expect(try await !rotate(to: digests[1], overlap: .seconds(60)))
            _ = try await stores.clients.add(id, secretDigest: digests[0], event: event(.clientCreated))
            #expect(try await rotate(to: digests[1], overlap: .seconds(60)))
            var found = try #require(await stores.clients.find(id))
            #expect(
                found.secretDigest.equalsInConstantTime(digests[1]) && found.previousSecretDigest?.equalsInConstantTime(digests[0]) == true)
            try await stores.database.query("UPDATE clients SET previous_secret_expires_at = now() - interval '1 second'")
            #expect(try await stores.clients.find(id)?.previousSecretDigest == nil)
            #expect(try await rotate(to: digests[2], overlap: .seconds(60)))
            found = try #require(await stores.clients.find(id))
            #expect(
                found.secretDigest.equalsInConstantTime(digests[2]) && found.previousSecretDigest?.equalsInConstantTime(digests[1]) == true)
            #expect(try await rotate(to: digests[0], overlap: .zero))
            #expect(try await stores.clients.find(id)?.previousSecretDigest == nil)
            _ = try await stores.clients.revoke(id, event: event(.clientRevoked))
            #expect(try await !rotate(to: digests[1], overlap: .seconds(60)))
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'client_secret_rotated'") == "3")
        }
    }
}
