import Foundation
import ServerTestSupport
import Testing

/// A primary, a standby of it, and the built server that was told of both.
struct Replicas: Sendable {
    let primary: Cluster
    let standby: Cluster
    let server: ServerProcess

    enum Order { case primaryFirst, standbyFirst }

    /// - Parameter isSynchronous: whether a commit waits until the standby has it on its disk.
    static func with<Value>(
        isSynchronous: Bool, _ order: Order = .primaryFirst, _ body: (Replicas) async throws -> Value
    ) async throws -> Value {
        try await Cluster.with { primary in
            try await primary.withStandby("standby") { standby in
                if isSynchronous { try await primary.set("synchronous_standby_names", "standby") }
                let hosts = order == .primaryFirst ? [primary, standby] : [standby, primary]
                let server = try await ServerProcess.start(database: Cluster.conninfo(of: hosts))
                defer { server.kill() }
                return try await body(Replicas(primary: primary, standby: standby, server: server))
            }
        }
    }

    /// Waits until somebody is registered again. Five seconds are promised.
    @discardableResult
    func recovery(of what: String) async throws -> Person {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(20) {
            let person = Person(on: server)
            if try await person.registration().status == 201 {
                print("\(what): first success after \(ContinuousClock.now - start)")
                return person
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Program.Failure(description: "\(what): no success within 20 s\n\(try server.logText().suffix(3000))")
    }
}

extension Cluster {
    /// How many connections of the server it has.
    func connections(where condition: String = "true") async throws -> Int {
        let rows = try await query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'auth-api' AND \(condition)")
        return rows[0][0].flatMap { Int($0) } ?? -1
    }

    func endConnections() async throws {
        try await query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auth-api'")
    }

    func eventually(_ name: String, within timeout: Duration = .seconds(15), _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("never: \(name)")
    }
}
