import AuthTestSupport
import LibPQ
import Testing

@Suite struct ClientTests {
    @Test(.timeLimit(.minutes(5)))
    func `a thousand callers share two connections, and each hears its own answer`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement("double", .reads, parameters: ["number": .int4], sql: "SELECT :number * 2")
            let sums = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1000 {
                    group.addTask { try await client.execute(statement, ["number": .int4(Int32(number))])[0].int4(0) == Int32(number * 2) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(sums == 1000)
            let snapshot = client.snapshot
            #expect(snapshot.ready == 2 && snapshot.queued == 0 && snapshot.connects == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `each statement is a transaction of its own, its error its own`() async throws {
        try await Clients.with(connections: 1) { client in
            try await client.change("CREATE TABLE numbers (number int PRIMARY KEY)")
            let insert = PostgresStatement(
                "insert", .writes, parameters: ["number": .int4], sql: "INSERT INTO numbers VALUES (:number)")
            let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            _ = try await client.execute(insert, ["number": .int4(Int32(number / 2))])
                            return false
                        } catch PostgresError.server(let error) where error.sqlState == "23505" && error.constraint == "numbers_pkey" {
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(failures == 100)
            let kept = try await client.one("SELECT count(*) FROM numbers").int8(0)
            #expect(kept == 100)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement that cannot be prepared fails each time, and leaves its neighbours alone`() async throws {
        try await Clients.with(connections: 1) { client in
            let broken = PostgresStatement("broken", .reads, sql: "SELECT * FROM nowhere")
            for _ in 0..<3 {
                async let neighbour = client.one("SELECT 1").int4(0)
                let error = await #expect(throws: PostgresError.self) { try await client.execute(broken) }
                guard case .server(let server) = error else { return #expect(Bool(false)) }
                #expect(server.sqlState == "42P01")
                let one = try await neighbour
                #expect(one == 1)
            }
            try await client.change("CREATE TABLE nowhere ()")
            let rows = try await client.execute(broken)
            #expect(rows.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `beyond the queue's bound statements are refused immediately`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Clients.with(database.conninfo, connections: 1, timeout: .seconds(5), queued: 4, inFlight: 1) { client in
                _ = try await client.one("SELECT 1")
                let refusals = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            do {
                                _ = try await client.one("SELECT pg_sleep(0.3)::text")
                                return false
                            } catch PostgresError.unavailable("queue full") {
                                return true
                            } catch {
                                return false
                            }
                        }
                    }
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                // One runs, one may lie in the inbox, four wait.
                #expect((14...16).contains(refusals))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement that outlasts its deadline fails, and the connection is good again after`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Clients.with(database.conninfo, connections: 1, timeout: .milliseconds(500)) { client in
                _ = try await client.one("SELECT 1")
                let error = await #expect(throws: PostgresError.self) { try await client.one("SELECT pg_sleep(30)::text") }
                // The server's own statement_timeout comes first, and is a definite no.
                guard case .server(let server) = error else { return #expect(Bool(false), "\(error!)") }
                #expect(server.sqlState == "57014")
                let after = try await client.one("SELECT 1").int4(0)
                #expect(after == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a caller that is cancelled stops waiting, and a write of its that was sent is of unknown outcome`() async throws {
        try await Clients.with(connections: 1) { client in
            let start = ContinuousClock.now
            let read = Task { try await client.one("SELECT pg_sleep(3)::text") }
            try await Task.sleep(for: .milliseconds(300))
            read.cancel()
            guard case .failure(PostgresError.cancelled) = await read.result else { return #expect(Bool(false)) }
            let write = Task { try await client.change("SELECT 1") }
            try await Task.sleep(for: .milliseconds(100))
            write.cancel()
            guard case .failure(PostgresError.outcomeUnknown) = await write.result else { return #expect(Bool(false)) }
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `shutting down lets what runs finish and refuses the rest`() async throws {
        try await Clients.with { client in
            let running = Task { try await client.one("SELECT 7, pg_sleep(0.3)::text").int4(0) }
            try await Task.sleep(for: .milliseconds(100))
            await client.shutdown()
            let seven = try await running.value
            #expect(seven == 7)
            let error = await #expect(throws: PostgresError.self) { try await client.one("SELECT 1") }
            guard case .unavailable = error else { return #expect(Bool(false)) }
        }
    }
}
