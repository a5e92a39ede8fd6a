import AuthTestSupport
import Foundation
import LibPQ
import Testing

@Suite struct HealingTests {
    @Test(.timeLimit(.minutes(5)))
    func `backends are killed in a loop: reads go on, acknowledged writes are there, none is done twice`() async throws {
        try await TestDatabase.withEmpty { database in
            try await database.query("CREATE TABLE marks (mark int NOT NULL)")
            try await Clients.with(database.conninfo, connections: 3) { client in
                try await Self.killing(database) { tally in
                    let insert = PostgresStatement(
                        "mark", .writes, parameters: ["mark": .int4], sql: "INSERT INTO marks VALUES (:mark)")
                    await withTaskGroup(of: Void.self) { group in
                        for number in 0..<600 {
                            group.addTask {
                                await tally.note(number) { _ = try await client.execute(insert, ["mark": .int4(Int32(number))]) }
                                _ = try? await client.one("SELECT 1")
                            }
                            try? await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                .check(against: database)
                let after = try await client.one("SELECT 1").int4(0)
                #expect(after == 1)
                #expect(client.snapshot.connects > 3)
            }
        }
    }

    /// Runs the body while every backend of the database is killed twenty times.
    private static func killing(_ database: TestDatabase, _ body: (Tally) async throws -> Void) async throws -> Tally {
        let tally = Tally()
        let killer = Task {
            for _ in 0..<20 {
                _ = try await database.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        try await body(tally)
        try await killer.value
        return tally
    }

    private actor Tally {
        private var acknowledged: Set<Int> = []
        private var refused: Set<Int> = []
        private var unknown = 0

        func note(_ number: Int, _ work: @Sendable () async throws -> Void) async {
            do {
                try await work()
                acknowledged.insert(number)
            } catch PostgresError.outcomeUnknown {
                unknown += 1
            } catch {
                refused.insert(number)
            }
        }

        func check(against database: TestDatabase) async throws {
            let marks = try await database.query("SELECT mark FROM marks").compactMap { $0[0].flatMap { Int($0) } }
            #expect(Set(marks).count == marks.count, "a write was done twice")
            #expect(acknowledged.isSubset(of: marks), "an acknowledged write is lost")
            #expect(refused.isDisjoint(with: marks), "a write was done that was said not to be")
            #expect(marks.count <= acknowledged.count + unknown)
            #expect(acknowledged.count > 300)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a server that no longer answers costs one deadline, and is found again`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Proxy.with(database.conninfo) { proxy, conninfo in
                try await Clients.with(conninfo, connections: 2, timeout: .milliseconds(800)) { client in
                    _ = try await client.one("SELECT 1")
                    proxy.freeze()
                    let start = ContinuousClock.now
                    let read = await #expect(throws: PostgresError.self) { try await client.one("SELECT 2") }
                    guard case .unavailable = read else { return #expect(Bool(false), "\(read!)") }
                    let write = await #expect(throws: PostgresError.self) { try await client.change("SELECT 3") }
                    #expect(ContinuousClock.now - start < .seconds(5))
                    proxy.thaw()
                    // Sent to a connection that was already given up for stuck, or never sent at all: both are true answers.
                    switch write! {
                    case .outcomeUnknown, .unavailable: break
                    default: #expect(Bool(false), "\(write!)")
                    }
                    try await Self.eventually { try await client.one("SELECT 4").int4(0) == 4 }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a connection that is cut under a write leaves its outcome unknown, under a read it is read again`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Proxy.with(database.conninfo) { proxy, conninfo in
                try await Clients.with(conninfo, connections: 1, timeout: .seconds(5)) { client in
                    let write = Task { try await client.change("SELECT pg_sleep(4)") }
                    try await Self.eventually {
                        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
                        return try await database.value(sleeping) == "1"
                    }
                    proxy.cut()
                    guard case .failure(PostgresError.outcomeUnknown) = await write.result else { return #expect(Bool(false)) }
                    let read = Task { try await client.one("SELECT 5, pg_sleep(0.5)::text").int4(0) }
                    try await Task.sleep(for: .milliseconds(200))
                    proxy.cut()
                    let five = try await read.value
                    #expect(five == 5)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of several hosts the one that lives and takes writes is used`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Proxy.with(database.conninfo) { proxy, conninfo in
                let (dead, port) = Proxy.listen()
                close(dead)
                let several = PostgresConninfo(conninfo)!.replacing("host", with: "127.0.0.1,127.0.0.1")
                let ports = PostgresConninfo(several)!.replacing("port", with: "\(port),\(proxy.port)")
                let writable = PostgresConninfo(ports)!.replacing("target_session_attrs", with: "read-write")
                try await Clients.with(writable) { client in
                    let one = try await client.one("SELECT 1").int4(0)
                    #expect(one == 1)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a server that turned read-only is left for one that takes writes`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Clients.with(database.conninfo, connections: 1) { client in
                try await client.change("CREATE TABLE things ()")
                let name = try await client.one("SELECT current_database()::text").text(0)
                // What a demoted primary looks like to the connections that it kept.
                try await client.change("SET default_transaction_read_only = on")
                try await client.change("INSERT INTO things DEFAULT VALUES")
                let count = try await database.value("SELECT count(*) FROM things")
                #expect(count == "1" && client.snapshot.connects == 2, "\(name)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F16: a server that takes no writes any more is left by all who share its lineage, those who only read included`() async throws {
        try await TestDatabase.withEmpty { database in
            try await database.query("CREATE TABLE things ()")
            let lineage = PostgresLineage()
            try await Clients.with(database.conninfo, connections: 1, lineage: lineage) { writer in
                try await Clients.with(database.conninfo, connections: 1, lineage: lineage) { reader in
                    _ = try await reader.one("SELECT 1")
                    #expect(reader.snapshot.connects == 1)
                    try await writer.change("SET default_transaction_read_only = on")
                    try await writer.change("INSERT INTO things DEFAULT VALUES")
                    // It has nothing to do, and leaves all the same.
                    try await Self.eventually { reader.snapshot.connects == 2 }
                    _ = try await reader.one("SELECT 2")
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F14: no option of a connection string silences the warning that a commit was not replicated`() async throws {
        try await TestDatabase.withEmpty { database in
            let quiet = PostgresConninfo(database.conninfo)!.replacing("options", with: "-c client_min_messages=error -c work_mem=1MB")
            try await Clients.with(quiet) { client in
                let settings = try await client.one("SELECT current_setting('client_min_messages'), current_setting('work_mem')")
                let texts = (try settings.text(0), try settings.text(1))
                #expect(texts == ("warning", "1MB"))
            }
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "E\u{0}\u{0}\u{0}\u{5}\u{0}", "R\u{0}\u{0}\u{0}\u{8}\u{0}\u{0}\u{0}\u{63}", ""])
    func `what is no PostgreSQL is unavailable`(greeting: String) async throws {
        let (listener, port) = Proxy.listen()
        Thread.detachNewThread {
            while case let client = accept(listener, nil, nil), client >= 0 {
                _ = send(client, greeting, greeting.utf8.count, Int32(MSG_NOSIGNAL))
                close(client)
            }
        }
        defer { shutdown(listener, Int32(SHUT_RDWR)) }
        try await Clients.with("host=127.0.0.1 port=\(port) user=x dbname=x sslmode=disable", timeout: .milliseconds(500)) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.change("SELECT 1") }
            guard case .unavailable = error else { return #expect(Bool(false), "\(error!)") }
        }
    }

    private static func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<100 {
            if (try? await condition()) == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(Bool(false), "it never came true")
    }
}
