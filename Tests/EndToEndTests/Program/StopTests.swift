import AuthTestSupport
import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

/// How the server ends. A request that has begun is held open by a body that has not come.
@Suite struct StopTests {
    private static let head =
        "POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"

    /// The body sees a server that is stopping while a request is unfinished.
    private static func whileStopping(_ body: (ServerProcess, Wire) async throws -> Void) async throws {
        try await ServerProcess.with { server, _ async throws in
            let wire = try Wire(port: server.port)
            await wire.send(head)
            // The answer to another shows that this one was accepted.
            #expect(try await server.http.get("/livez").status == 200)
            server.askToStop()
            try await server.waitUntilLogged("stopping")
            try await body(server, wire)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F2: SIGTERM refuses who comes, answers who is there, and ends with 0`() async throws {
        try await Self.whileStopping { server, wire in
            while (try? Wire(port: server.port)) != nil { try await Task.sleep(for: .milliseconds(10)) }
            await wire.send("{}")
            let answer = await wire.receive()
            #expect(answer.hasPrefix("HTTP/1.1 422 "))
            #expect(await server.exitStatus() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F2: a client that never ends its request is left after ten seconds, and the exit code is 0`() async throws {
        try await Self.whileStopping { server, wire in
            #expect(await server.exitStatus() == 0)
            _ = await wire.receive()
            let log = try server.logText()
            #expect(!log.contains("lost"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F2: who was seen last is written down before the end`() async throws {
        try await ServerProcess.with { server, database async throws in
            let (person, tokens) = try await Person.signedIn(on: server)
            try await database.query("UPDATE sessions SET last_seen_at = last_seen_at - interval '1 hour'")
            #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
            #expect(server.terminate() == 0)
            let age = "SELECT last_seen_at > created_at - interval '30 minutes' FROM sessions"
            #expect(try await database.value(age) == "t")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F2: a second SIGTERM does not wait for anybody`() async throws {
        try await Self.whileStopping { server, _ in
            try await Task.sleep(for: .milliseconds(1100))
            server.askToStop()
            let status = await server.exitStatus()
            let log = try server.logText()
            #expect(status == 128 + SIGTERM, "\(log.suffix(2000))")
            #expect(log.contains("ended by a second signal"))
        }
    }

    /// `timeout` signals its child and then the group that the child is in.
    @Test(.timeLimit(.minutes(5)))
    func `F2: signals that come together are one`() async throws {
        try await Self.whileStopping { server, wire in
            server.askToStop()
            try await server.waitUntilLog(contains: "a signal that came together with the first is ignored")
            await wire.send("{}")
            #expect(await wire.receive().hasPrefix("HTTP/1.1 422 "))
            #expect(await server.exitStatus() == 0)
        }
    }
}
