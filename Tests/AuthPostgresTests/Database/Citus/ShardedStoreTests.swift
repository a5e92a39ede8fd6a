import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import ServerTestSupport
import Testing

/// The stores over a distributed database.
@Suite(.onOnePostgreSQL) struct ShardedStoreTests {
    /// The first addresses with even routing keys, and after them the first with odd ones.
    private static func addresses(even: Int, odd: Int) throws -> [String] {
        let all = try (0..<200).map { number in "p\(number)@example.org" }.map { text in
            (text, try TestStores.routing.key(of: try #require(EmailAddress(text, rules: UnicodeTextRules()))).value % 2)
        }
        return all.filter { $0.1 == 0 }.prefix(even).map(\.0) + all.filter { $0.1 == 1 }.prefix(odd).map(\.0)
    }

    private static func email(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text, rules: UnicodeTextRules())) }

    @Test func `an account, its address, its sessions and its events are on the node of its routing key`() async throws {
        try await SimulatedCitus.with { citus in
            let stores = citus.stores
            for (index, address) in try Self.addresses(even: 1, odd: 1).enumerated() {
                let user = try #require(await stores.register(address))
                #expect(try await stores.register(address) == nil)
                let opened = try #require(await stores.open(for: user.id))
                #expect(try await stores.rotate(opened) != nil)
                #expect(try await stores.sessions.findLive(opened.id)?.user.email == address)
                #expect(try await stores.sessions.live(of: user.id, olderThan: nil, limit: 10).count == 1)
                let node = citus.databases[index + 1]
                #expect(try await node.query("SELECT email FROM users_10\(index + 1)") == [[address]])
                #expect(try await node.value("SELECT count(*) FROM audit_pending_16\(index + 1)") == "4")
                try await stores.sessions.endAll(of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
                #expect(try await stores.sessions.findLive(opened.id) == nil)
            }
            // The tables without a number are empty on every node.
            for database in citus.databases { #expect(try await database.value("SELECT count(*) FROM users") == "0") }
        }
    }

    @Test func `look-ups together find sessions of all nodes, each in its place`() async throws {
        try await SimulatedCitus.with { citus in
            var ids: [SessionID] = []
            for address in try Self.addresses(even: 2, odd: 2) {
                let user = try #require(await citus.stores.register(address))
                ids += [try #require(await citus.stores.open(for: user.id)).id, citus.stores.identifiers.session(of: user.id)]
            }
            let found = try await Self.together(ids, citus.stores)
            #expect(found.map { session in session?.session.id } == ids.enumerated().map { index, id in index % 2 == 0 ? id : nil })
        }
    }

    /// What the server runs with a map from before the move.
    enum Use: CaseIterable, Sendable { case statement, sharedStatement, lookUpsTogether, allShards, oneShard }

    @Test(arguments: Use.allCases) func `a shard that has moved is found on its new node`(use: Use) async throws {
        try await SimulatedCitus.with { citus in
            let (stores, addresses) = (citus.stores, try Self.addresses(even: 2, odd: 0))
            #expect(try await stores.register(addresses[0]) != nil)
            let absent = stores.identifiers.session(of: stores.identifiers.user(routing: RoutingKey(0)))
            try await citus.moveEvenShard(to: 2)
            switch use {
            case .statement:
                #expect(try await stores.register(addresses[1]) != nil)
                #expect(try await citus.databases[2].query("SELECT email FROM users_101") == [[addresses[1]]])
            case .sharedStatement: #expect(try await stores.sessions.findLive(absent) == nil)
            case .lookUpsTogether:
                let found = try await Self.together([absent, absent], stores)
                #expect(found.map { session in session?.session.id } == [nil, nil])
            case .allShards: #expect(try await stores.trail.pending().count == 0)
            case .oneShard: #expect(try await stores.trail.check(after: nil, limit: 10).examined == 0)
            }
        }
    }

    private static func together(_ ids: [SessionID], _ stores: TestStores) async throws -> [LiveSession?] {
        try await withCheckedThrowingContinuation { continuation in
            stores.sessions.findLive(ids, deadline: .now + .seconds(5)) { continuation.resume(with: $0) }
        }
    }

    @Test func `look-ups are divided by shard, so that a node that is away keeps none of another node waiting`() async throws {
        try await SimulatedCitus.with(reachable: [2]) { citus in
            let addresses = try Self.addresses(even: 0, odd: 1)
            let user = try #require(await citus.stores.register(addresses[0]))
            let opened = try #require(await citus.stores.open(for: user.id)).id
            let away = citus.stores.identifiers.session(of: citus.stores.identifiers.user(routing: RoutingKey(0)))
            let groups = try #require(citus.stores.sessions.groups { [opened, away, opened] })
            #expect(Set(groups) == [[0, 2], [1]])
            #expect(try await Self.together([opened, opened], citus.stores).allSatisfy { session in session?.session.id == opened })
            await #expect(throws: AuthError.self) { try await Self.together([away], citus.stores) }
        }
    }

    @Test func `without one node the accounts of the other work, and the server is ready`() async throws {
        try await SimulatedCitus.with(reachable: [2]) { citus in
            let addresses = try Self.addresses(even: 1, odd: 1)
            await #expect(throws: AuthError.self) { _ = try await citus.stores.register(addresses[0]) }
            let user = try #require(await citus.stores.register(addresses[1]))
            #expect(try await citus.stores.open(for: user.id) != nil)
            try await citus.stores.domain.readiness.check()
            // The events of the node that answers are sealed, and the call fails nevertheless.
            await #expect(throws: AuthError.self) { try await citus.stores.trail.seal(limit: 100) }
            #expect(try await citus.databases[2].value("SELECT count(*) FROM audit_events_172") == "2")
            await #expect(throws: AuthError.self) { try await citus.stores.trail.pending() }
        }
    }

    @Test func `SE7: moving the cutoff ends the sessions of all nodes, and a copy that cannot be changed fails it`() async throws {
        try await SimulatedCitus.with { citus in
            var ids: [SessionID] = []
            for address in try Self.addresses(even: 1, odd: 1) {
                let user = try #require(await citus.stores.register(address))
                ids.append(try #require(await citus.stores.open(for: user.id)).id)
            }
            let moved = try await citus.stores.cutoff.move(to: nil, event: citus.stores.event(.earlierTokensRevoked, routing: .random()))
            #expect(moved != nil)
            for id in ids { #expect(try await citus.stores.sessions.findLive(id) == nil) }
            let copies = try await citus.copies("began_at", of: "session_cutoff_300")
            #expect(Set(copies).count == 1 && copies.count == 3)
            #expect(try await citus.stores.trail.pending().count == 5)
            // The copies on the other nodes are changed nevertheless.
            try await citus.databases[1].holding("SELECT FROM session_cutoff_300 FOR UPDATE") {
                await #expect(throws: AuthError.self) {
                    try await citus.stores.cutoff.move(to: nil, event: citus.stores.event(.earlierTokensRevoked, routing: RoutingKey(1)))
                }
            }
            let after = try await citus.copies("began_at", of: "session_cutoff_300")
            #expect(after[0] == after[2] && after[0] != after[1] && after[1] == copies[1])
        }
    }

    @Test func `the events of all nodes are sealed, verified and covered by a head`() async throws {
        try await SimulatedCitus.with { citus in
            let stores = citus.stores
            for address in try Self.addresses(even: 3, odd: 3) { #expect(try await stores.register(address) != nil) }
            #expect(try await stores.trail.pending().count == 6)
            #expect(try await stores.trail.seal(limit: 100) == 6)
            #expect(try await stores.trail.pending().count == 0)
            let report = try await stores.domain.audit.verify()
            #expect(report.findings == [] && report.events == 6 && report.chains == 6)
            let change = "UPDATE audit_events_171 SET type = 'x' WHERE position = 1"
            try await citus.databases[1].query(change)
            #expect(try await stores.domain.audit.verify().findings.count == 3)
        }
    }

    @Test func `a person is erased on the node of the account and on the node of the address`() async throws {
        try await SimulatedCitus.with { citus in
            let (stores, addresses) = (citus.stores, try Self.addresses(even: 1, odd: 1))
            let user = try #require(await stores.register(addresses[0]))
            let other = try #require(await stores.register(addresses[1]))
            // The failed registration of each address names it, and has no account.
            for address in addresses { #expect(try await stores.register(address) == nil) }
            #expect(try await stores.trail.seal(limit: 100) == 4)
            for address in addresses { #expect(try await stores.register(address) == nil) }
            let found = try await stores.domain.audit.erasure.erase(user.id, addresses: addresses.map(Self.email))
            // The other account has one of the addresses, so its event names that address.
            #expect(found == 6)
            let rows = try await citus.rows("count(*) FILTER (WHERE salt IS NULL), count(ip)", from: "audit_events")
            #expect(rows == [["2", "0"], ["2", "0"]])
            let pending = try await citus.rows("count(*), count(ip)", from: "audit_pending")
            #expect(pending == [["2", "0"], ["2", "0"]])
            let report = try await stores.domain.audit.verify()
            #expect(report.findings == [] && report.erased == 4 && other.id.routing != user.id.routing)
        }
    }

    @Test func `the history of an account comes from its node`() async throws {
        try await SimulatedCitus.with { citus in
            for address in try Self.addresses(even: 1, odd: 1) {
                let user = try #require(await citus.stores.register(address))
                _ = try await citus.stores.trail.seal(limit: 100)
                _ = try #require(await citus.stores.open(for: user.id))
                let found = try await citus.stores.trail.history(of: user.id, after: nil, portion: 10, limit: 10)
                #expect(found.recent.map(\.type) == ["authn_login_success"] && found.sealed.map(\.type) == ["user_created"])
            }
        }
    }

    @Test func `services of all nodes are listed, and each is found`() async throws {
        try await SimulatedCitus.with { citus in
            let ids = try ["a", "b", "c", "d", "e", "f"].map { text in try #require(ServiceClientID(text)) }
            for id in ids {
                let event = citus.stores.event(.clientCreated, routing: try TestStores.routing.key(of: id))
                #expect(try await citus.stores.clients.add(id, secretDigest: .random(), event: event))
            }
            #expect(try await citus.stores.clients.all().map(\.id) == ids)
            #expect(try await citus.stores.clients.find(ids[3])?.id == ids[3])
            #expect(Set(try await citus.rows("count(*) > 0", from: "clients")) == [["t"]])
        }
    }

    @Test func `dead sessions of all nodes are removed in steps`() async throws {
        try await SimulatedCitus.with { citus in
            for address in try Self.addresses(even: 1, odd: 1) {
                let user = try #require(await citus.stores.register(address))
                for _ in 0..<3 { #expect(try await citus.stores.open(for: user.id) != nil) }
            }
            for (database, table) in zip(citus.databases.dropFirst(), ["sessions_141", "sessions_142"]) {
                try await database.query("UPDATE \(table) SET ended_at = now() - interval '1 day', ended_by = 'logout'")
            }
            var (removed, key, steps) = (0, RetentionStep.PrimaryKey?.none, 0)
            repeat {
                let step = try await citus.stores.retention.removeSessions(
                    createdBefore: .zero, deadFor: .seconds(3600), after: key, limit: 2)
                (removed, key, steps) = (removed + step.removed, step.last, steps + 1)
            } while key != nil && steps < 20
            #expect(removed == 6 && steps == 5)
        }
    }
}
