import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Signals that mean something to operators and end a process by default.
@Suite struct SignalTests {
    @Test(.timeLimit(.minutes(5)))
    func `SIGHUP, SIGUSR1 and SIGUSR2 do not end a server without TLS, whenever they come`() async throws {
        try await ServerProcess.with { server, _ async throws in
            for number in [SIGHUP, SIGUSR1, SIGUSR2, SIGHUP] {
                kill(server.processID, number)
                #expect(try await server.http.get("/readyz").status == 200)
            }
            try await server.waitUntilLogged("nothing to read again: there is no certificate and no list of stolen passwords")
            #expect(server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `they do not end a server that is starting or stopping`() async throws {
        // No program listens there: the server waits for its database.
        let process = Process()
        process.executableURL = try Repository.server
        process.arguments = ["serve"]
        process.environment = [
            "DATABASE_URL": "postgresql://127.0.0.1:\(Listener.freePort())/x", "PORT": "0", "SQL_DIRECTORY": TestDatabase.sqlDirectory,
        ]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        // Its first line says that it is beyond its very beginning.
        #expect(!errors.fileHandleForReading.availableData.isEmpty)
        for number in [SIGHUP, SIGUSR1, SIGUSR2] {
            kill(process.processIdentifier, number)
            try await Task.sleep(for: .milliseconds(100))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // A process that has ended may be called running for a while, but its end has one cause.
        #expect(process.terminationStatus == SIGKILL)
    }

    @Test(.timeLimit(.minutes(5)))
    func `debug and trace tell of this server, not of the framework, and no secret`() async throws {
        let ours: Set = ["settings", "connected to PostgreSQL", "executed"]
        try await ServerProcess.with(environment: ["LOG_LEVEL": "trace"]) { server, database in
            _ = try await Person.signedIn(on: server)
            #expect(server.terminate() == 0)
            let lines = try server.logText().split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            let details = lines.filter { ["debug", "trace"].contains($0["level"] as? String) }
            // A round of sealing may find events or not: it depends on seconds.
            #expect(Set(details.compactMap { $0["message"] as? String }).subtracting(["sealed"]) == ours)
            let settings = try #require(details.first { $0["message"] as? String == "settings" })
            #expect(settings["SESSION_IDLE_TTL"] as? String == "14d" && settings["DATABASE_URL"] == nil)
            let request = try #require(lines.last { $0["message"] as? String == "request" })
            #expect(request["status"] is Int && request["milliseconds"] is Double)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a normal start and stop warn of nothing, and end what they began`() async throws {
        try await TestDatabase.with { database async throws in
            for _ in 0..<3 {
                let server = try await ServerProcess.start(database: database.conninfo)
                let (person, tokens) = try await Person.signedIn(on: server)
                #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
                #expect(server.terminate() == 0)
                let log = try server.logText()
                for level in ["warning", "error", "critical"] { #expect(!log.contains(#""level":"\#(level)""#), "\(log)") }
            }
        }
    }
}
