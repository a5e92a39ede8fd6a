import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// More clients than the server takes, or has descriptors for: no network has more than its share, the idle make room, and health is
/// told whatever happens.
@Suite struct ConnectionLimitTests {
    private static let request = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Connections from 127.0.0.`host` that are asked something each, all before any is read.
    private static func wires(
        _ count: Int, from host: UInt8 = 1, to server: ServerProcess, asking request: String = request
    ) async throws -> [Wire] {
        var wires: [Wire] = []
        for _ in 0..<count {
            let wire = try Wire(port: server.port, from: host)
            await wire.send(request)
            wires.append(wire)
        }
        return wires
    }

    /// So long a new connection may be silent before another may have its place.
    private static let newness: Duration = .milliseconds(1200)

    /// Those of the wires that the server has closed.
    private static func closed(_ wires: [Wire]) async -> [Int] {
        var closed: [Int] = []
        for (index, wire) in wires.enumerated() where await !wire.isOpen() { closed.append(index) }
        return closed
    }

    private static func expectAnswers(_ wires: some Sequence<Wire>) async {
        for wire in wires {
            let answer = await wire.receive(until: "}")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    private static func isSilent(_ wire: Wire) async -> Bool {
        wire.setTimeout(SO_RCVTIMEO, seconds: 1)
        defer { wire.setTimeout(SO_RCVTIMEO, seconds: 20) }
        return await wire.receive(until: "}").isEmpty
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT6: one address takes its share of the connections, and no more`() async throws {
        try await ServerProcess.with(environment: ["MAX_CONNECTIONS": "32"]) { server, _ in
            // A quarter, all silent.
            var silent: [Wire] = []
            for _ in 0..<8 { silent.append(try Wire(port: server.port, from: 2)) }
            try await Task.sleep(for: Self.newness)
            let more = try await Self.wires(3, from: 2, to: server)
            await Self.expectAnswers(more)
            #expect(await Self.closed(silent) == [0, 1, 2])
            // Others do not notice.
            await Self.expectAnswers(try await Self.wires(1, from: 3, to: server))
            #expect(await Self.closed(silent) == [0, 1, 2])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT6: the share can be set, and a trusted proxy has none`() async throws {
        let environment = ["MAX_CONNECTIONS": "32", "CONNECTIONS_PER_NETWORK": "2", "TRUSTED_PROXIES": "127.0.0.9"]
        try await ServerProcess.with(environment: environment) { server, _ in
            let proxy = try await Self.wires(20, from: 9, to: server)
            await Self.expectAnswers(proxy)
            var client: [Wire] = []
            for _ in 0..<2 {
                client += try await Self.wires(1, from: 2, to: server)
                await Self.expectAnswers(client.suffix(1))
            }
            await Self.expectAnswers(try await Self.wires(1, from: 2, to: server))
            #expect(await Self.closed(client) == [0])
            #expect(await Self.closed(proxy) == [])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F25: where all places are taken, a new connection has that of the one idle longest`() async throws {
        try await ServerProcess.with(environment: ["MAX_CONNECTIONS": "16"]) { server, _ in
            var taken: [Wire] = []
            for number in 0..<16 {
                taken += try await Self.wires(1, from: UInt8(2 + number / 4), to: server)
                await Self.expectAnswers(taken.suffix(1))
            }
            // The first is not idle any longer.
            await taken[0].send(Self.request)
            await Self.expectAnswers(taken.prefix(1))
            await Self.expectAnswers(try await Self.wires(2, from: 7, to: server))
            #expect(await Self.closed(taken) == [1, 2])
        }
    }

    /// All places are taken by requests that wait for the database.
    private static func checkBusy(_ server: ServerProcess, _ profile: String) async throws {
        var busy: [Wire] = []
        for host in 2..<6 { busy += try await wires(4, from: UInt8(host), to: server, asking: profile) }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        // More than there are places for health, and none of them asks anything.
        var silent: [Wire] = []
        for host in 20..<50 { silent.append(try Wire(port: server.port, from: UInt8(host))) }
        let health = try Wire(port: server.port, from: 60)
        await health.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = await health.receive()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK") && answer.contains("Connection: close\r\n"), "\(answer)")
        let other = try Wire(port: server.port, from: 61)
        await other.send(profile)
        let refusal = await other.receive()
        #expect(refusal.hasPrefix("HTTP/1.1 503 ") && refusal.contains("Retry-After: ") && refusal.contains("Too many connections"))
        #expect(ContinuousClock.now - start < .milliseconds(1500))
        for wire in busy { #expect(await wire.receive(until: "}").hasPrefix("HTTP/1.1 503 ")) }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F25: while all are busy, health is told, and others hear that there is no room`() async throws {
        try await ServerProcess.with(environment: ["MAX_CONNECTIONS": "16"]) { server, database in
            let (_, tokens) = try await Person.signedIn(on: server)
            let profile = "GET /api/profile HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(tokens.access)\r\n\r\n"
            try await database.holding("LOCK TABLE sessions") { try await Self.checkBusy(server, profile) }
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F25: where few files may be open, the database keeps its own`() async throws {
        try await TestDatabase.with { database in
            let program = (url: URL(filePath: "/usr/bin/prlimit"), arguments: ["--nofile=128", try Repository.server.path, "serve"])
            let server = try await ServerProcess.start(database: database.conninfo, program: program)
            defer { server.kill() }
            let log = try server.logText()
            #expect(log.contains("MAX_CONNECTIONS is more than the limit of open files allows"))
            var wires: [Wire] = []
            for host in 2..<152 { wires += try await Self.wires(1, from: UInt8(host), to: server) }
            try await database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            // Many are closed without a word; those that are not get an answer.
            for wire in wires {
                let answer = await wire.receive(until: "}")
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 200 OK") || answer.hasPrefix("HTTP/1.1 503 "))
            }
            wires = []
            for _ in 0..<40 where try await server.http.get("/readyz").status != 200 { try await Task.sleep(for: .milliseconds(100)) }
            #expect(try await server.http.get("/readyz").status == 200)
            #expect(server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F25: when descriptors run out under a running server, it goes on as soon as there are some`() async throws {
        try await ServerProcess.with { server, _ in
            let held = try await Self.wires(20, to: server)
            await Self.expectAnswers(held)
            let used = try server.openFiles()
            try await Program.bash("prlimit --pid \(server.processID) --nofile=\(used + 4):\(used + 4)")
            var wires = try await Self.wires(60, to: server)
            await Self.expectAnswers(wires.prefix(4))
            #expect(await Self.isSilent(wires[59]))
            for wire in held { await wire.send(Self.request) }
            await Self.expectAnswers(held)
            let last = wires.removeLast()
            wires = []
            await Self.expectAnswers([last])
            #expect(server.terminate() == 0)
        }
    }
}
