import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What fails around the server costs nobody more than a 503. One after another: each takes the machine for itself.
@Suite(.serialized) struct FaultTests {
    @Test(.timeLimit(.minutes(5)))
    func `F4: backends that are killed in a loop`() async throws {
        try await ServerProcess.with { server, database in
            let traffic = Traffic(server: server)
            try await traffic.during {
                for _ in 0..<50 {
                    try await database.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await Self.recovery(of: server)
            }
            try await traffic.settle(on: server)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [("stop", "start"), ("freeze", "thaw")])
    func `SE7, F5: PostgreSQL gone for five seconds`(fault: String, end: String) async throws {
        try await Cluster.with { cluster in
            let server = try await ServerProcess.start(database: cluster.conninfo)
            defer { server.kill() }
            let traffic = Traffic(server: server)
            try await traffic.during {
                try await cluster.command(fault)
                try await Task.sleep(for: .seconds(5))
                #expect(try await server.http.get("/readyz").status == 503)
                #expect(try await server.http.get("/livez").status == 200)
                try await cluster.command(end)
                try await Self.recovery(of: server)
            }
            try await traffic.settle(on: server)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE12, F1: the server killed under load and started again`() async throws {
        try await TestDatabase.with { database in
            let server = try await ServerProcess.start(database: database.conninfo)
            let traffic = Traffic(server: server, mayBeCut: true)
            var successor: ServerProcess?
            try await traffic.during {
                server.kill()
                successor = try await ServerProcess.start(database: database.conninfo, port: server.port)
            }
            let started = try #require(successor)
            defer { started.kill() }
            try await traffic.settle(on: started)
        }
    }

    /// Three seconds are promised.
    private static func recovery(of server: ServerProcess) async throws {
        let start = ContinuousClock.now
        while try await server.http.get("/readyz").status != 200 {
            guard ContinuousClock.now - start < .seconds(10) else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let elapsed = ContinuousClock.now - start
        print("ready again after \(elapsed)")
        #expect(elapsed < .seconds(3))
    }
}
