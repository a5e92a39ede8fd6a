import AuthTestSupport
import LibPQ
import NIOConcurrencyHelpers
import ServerTestSupport

/// Breaks something, waits, mends it, and begins again.
final class Nemesis: Sendable {
    enum Fault: String, CaseIterable, Sendable {
        case killInstance = "instance killed and started again"
        case freezeInstance = "instance frozen"
        case freezePostgres = "PostgreSQL frozen"
        case endBackends = "all connections to PostgreSQL ended"
        case killBackend = "a PostgreSQL backend killed"
        case restartPostgres = "PostgreSQL restarted"
        case crashPostgres = "PostgreSQL stopped as by a power cut and started again"
        case cutConnections = "connections cut between request and response"
    }

    private let servers: Servers
    private let cluster: Cluster
    private let disturbance: Disturbance
    private let history: History
    private let done = NIOLockedValueBox<[Fault: Int]>([:])
    private let stood = NIOLockedValueBox<[Range<Duration>]>([])
    private let raged = NIOLockedValueBox<[Range<Duration>]>([])

    var faults: [Fault: Int] { done.withLockedValue { $0 } }
    /// When a server or PostgreSQL stood still.
    var freezes: [Range<Duration>] { stood.withLockedValue { $0 } }

    /// When anything was broken.
    var disturbances: [Range<Duration>] { raged.withLockedValue { $0 } }

    init(servers: Servers, cluster: Cluster, disturbance: Disturbance, history: History) {
        (self.servers, self.cluster, self.disturbance, self.history) = (servers, cluster, disturbance, history)
    }

    /// Goes on until it is cancelled, and leaves everything mended.
    func rage(_ random: inout some RandomNumberGenerator) async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 500...2500, using: &random)))
            guard !Task.isCancelled, let fault = Fault.allCases.randomElement(using: &random) else { return }
            let instance = servers.indices.randomElement(using: &random) ?? 0
            let hold = Duration.milliseconds(Int.random(in: 200...1500, using: &random))
            // A task of its own, so that the end of the run does not leave anything broken.
            let start = history.now
            try await Task { try await self.commit(fault, on: instance, for: hold) }.value
            raged.withLockedValue { $0.append(start..<history.now) }
            done.withLockedValue { $0[fault, default: 0] += 1 }
        }
    }

    private func commit(_ fault: Fault, on instance: Int, for hold: Duration) async throws {
        switch fault {
        case .killInstance:
            servers.kill(instance)
            try await Task.sleep(for: hold)
            try await servers.restart(instance)
        case .freezeInstance:
            try await standingStill(hold, { servers.freeze(instance) }, { servers.thaw(instance) })
        case .freezePostgres:
            try await standingStill(hold, { try await cluster.command("freeze") }, { try await cluster.command("thaw") })
        case .endBackends:
            _ = try await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auth-api'")
        case .killBackend:
            let any = "SELECT pid FROM pg_stat_activity WHERE application_name = 'auth-api' ORDER BY random() LIMIT 1"
            if let process = try await ask(any) { try await Program.bash("kill -9 \(process)") }
        case .restartPostgres:
            try await cluster.command("stop")
            try await cluster.command("start")
        case .crashPostgres:
            try await cluster.command("crash")
            try await cluster.command("start")
        case .cutConnections:
            try await disturbance.storm { try await Task.sleep(for: hold) }
        }
    }

    /// A database that recovers from the fault before refuses everybody for a moment.
    private func ask(_ sql: String) async throws -> String? {
        let patience = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await TestDatabase(conninfo: cluster.conninfo).value(sql)
            } catch  where ContinuousClock.now < patience {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func standingStill(
        _ hold: Duration, _ freeze: () async throws -> Void, _ thaw: () async throws -> Void
    ) async throws {
        let start = history.now
        let frozen: Result<Void, any Error>
        do { frozen = .success(try await freeze()) } catch { frozen = .failure(error) }
        try await Task.sleep(for: hold)
        try await thaw()
        try frozen.get()
        stood.withLockedValue { $0.append(start..<history.now) }
    }
}
