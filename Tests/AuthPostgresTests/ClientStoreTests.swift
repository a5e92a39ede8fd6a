import AuthCore
import AuthPostgres
import AuthTestSupport
import Testing

@Suite struct ClientStoreTests {
    @Test func `a client is kept by its digest, once, and its revocation is for good`() async throws {
        try await Stores.with { stores in
            let id = try #require(ClientID("orders"))
            let digest = Octets32.random()
            let event = { (kind: AuditEvent.Kind) in stores.event(kind, routing: .random()) }
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
            let rows = try await stores.database.query("SELECT type, outcome, details ->> 'client' FROM audit_events ORDER BY occurred_at")
            #expect(
                rows == [
                    ["client_created", "success", "orders"], ["client_revoked", "success", "orders"],
                    ["client_authn_fail", "failure", "orders"], ["client_authn_fail", "failure", nil],
                ])
        }
    }
}
