import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// More clients than the server takes, or has descriptors for: those that are in are served, the others wait their turn.
@Suite struct ConnectionLimitTests {
    private static let request = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Connections that are asked something each, all before any is read.
    private static func wires(_ count: Int, to server: ServerProcess) async throws -> [Wire] {
        var wires: [Wire] = []
        for _ in 0..<count {
            let wire = try Wire(port: server.port)
            await wire.send(request)
            wires.append(wire)
        }
        return wires
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
    func `F25: beyond MAX_CONNECTIONS clients wait until others go`() async throws {
        try await ServerProcess.with(environment: ["MAX_CONNECTIONS": "32"]) { server, _ in
            var taken = try await Self.wires(32, to: server)
            await Self.expectAnswers(taken)
            let waiting = try await Self.wires(8, to: server)
            for wire in waiting { #expect(await Self.isSilent(wire)) }
            // Who is in is served on.
            for wire in taken { await wire.send(Self.request) }
            await Self.expectAnswers(taken)
            taken.removeFirst(8)
            await Self.expectAnswers(waiting)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F25: where few files may be open, the database keeps its own, and clients wait`() async throws {
        try await TestDatabase.with { database in
            let program = (url: URL(filePath: "/usr/bin/prlimit"), arguments: ["--nofile=96", try Repository.server.path, "serve"])
            let server = try await ServerProcess.start(database: database.conninfo, program: program)
            defer { server.kill() }
            let log = try server.logText()
            #expect(log.contains("MAX_CONNECTIONS is more than the limit of open files allows"))
            var wires = try await Self.wires(150, to: server)
            try await database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            // In the order in which they came; each that goes lets another in, which the database must still have an answer for.
            while !wires.isEmpty {
                let first = wires.removeFirst()
                let answer = await first.receive(until: "}")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK") || answer.hasPrefix("HTTP/1.1 503 "))
            }
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
