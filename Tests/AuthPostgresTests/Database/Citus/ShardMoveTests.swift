import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import Testing

/// Citus moves shards while the stores use them. `script/test-citus` runs these tests on a cluster.
@Suite(.enabled(if: TestDatabase.isDistributed, "CITUS_URL names no cluster of Citus")) struct ShardMoveTests {
    /// The shard of an account, the node that has it, and another node.
    private struct Place {
        let number: String
        let from: [String?]
        let to: [String?]

        /// - Parameter key: the routing key of the account.
        static func of(_ key: RoutingKey, _ database: TestDatabase) async throws -> Place {
            let shard = try await database.query(
                """
                SELECT p.shardid, n.nodename, n.nodeport FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid
                WHERE p.shardid = get_shard_id_for_distribution_column('users', \(key.value))
                """)[0]
            let other = try await database.query(
                "SELECT nodename, nodeport FROM pg_dist_node WHERE shouldhaveshards AND nodeport <> \(shard[2]!) ORDER BY random() LIMIT 1")[
                    0]
            return Place(number: shard[0]!, from: [shard[1], shard[2]], to: other)
        }

        func move(_ mode: String, _ database: TestDatabase) async throws {
            try await database.query(
                "SELECT citus_move_shard_placement(\(number), $1, $2::integer, $3, $4::integer, '\(mode)')", from + to)
        }
    }

    private static let email = EmailAddress("ada@example.org", rules: UnicodeTextRules())!

    /// If the hold does nothing, the change goes to a table that Citus is about to drop.
    @Test(arguments: [true, false])
    func `a change after a move is on the new node, and without the hold it would be lost`(isHeld: Bool) async throws {
        try await TestStores.with { stores in
            _ = try await stores.accounts.credentials(for: Self.email)
            if !isHeld {
                try await stores.database.query(
                    "CREATE OR REPLACE FUNCTION hold_shard(shard bigint) RETURNS void LANGUAGE sql AS $$ SELECT $$")
            }
            try await Place.of(try TestStores.routing.key(of: Self.email), stores.database).move("block_writes", stores.database)
            let user = try await stores.register()
            #expect(user != nil)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == (isHeld ? "1" : "0"))
        }
    }

    @Test func `no acknowledged refresh is lost while its shard moves`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var sessions: [TestStores.Opened] = []
            for _ in 0..<6 { sessions.append(try #require(await stores.open(for: user.id))) }
            async let moves: Void = {
                for mode in ["block_writes", "force_logical", "block_writes"] {
                    try await Place.of(user.id.routing, stores.database).move(mode, stores.database)
                }
            }()
            let counts = try await withThrowingTaskGroup(of: (SessionID, acknowledged: Int, unknown: Int).self) { tasks in
                for opened in sessions {
                    tasks.addTask {
                        var (current, acknowledged, unknown) = (opened, 0, 0)
                        let end = ContinuousClock.now + .seconds(6)
                        while .now < end {
                            do {
                                current = try #require(await stores.rotated(current))
                                acknowledged += 1
                            } catch AuthError.unavailable(let cause) where cause.contains("unknown") {
                                unknown += 1
                            } catch AuthError.unavailable {}
                        }
                        return (opened.id, acknowledged, unknown)
                    }
                }
                return try await tasks.reduce(into: []) { counts, count in counts.append(count) }
            }
            try await moves
            for (id, acknowledged, unknown) in counts {
                let generation = try #require(await stores.sessions.findForRefresh(id)).generation.value
                #expect(acknowledged > 0 && unknown == 0 && generation == Int32(acknowledged) + 1, "\(generation) after \(acknowledged)")
            }
            let found = try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'authn_login_success'")
            #expect(found == "6")
        }
    }
}
