import AuthTestSupport
import LibPQ
import NIOConcurrencyHelpers
import ServerTestSupport

/// Breaks something, waits, mends it, and begins again.
final class Nemesis: Sendable {
    let servers: Servers
    let stage: Stage
    private let faults: [Fault]
    private let breaking: String?
    private let disturbance: Disturbance
    let history: History
    private let done = NIOLockedValueBox<[Fault: Int]>([:])
    private let stood = NIOLockedValueBox<[Range<Duration>]>([])
    private let recovered = NIOLockedValueBox<[Fault: Duration]>([:])
    private let raged = NIOLockedValueBox<[Range<Duration>]>([])

    var committed: [Fault: Int] { done.withLockedValue { $0 } }
    /// How long it took at the most until every instance registered somebody again.
    var recoveries: [Fault: Duration] { recovered.withLockedValue { $0 } }
    /// When a server or PostgreSQL stood still.
    var freezes: [Range<Duration>] { stood.withLockedValue { $0 } }

    /// When anything was broken.
    var disturbances: [Range<Duration>] { raged.withLockedValue { $0 } }

    /// - Parameter breaking: the command for ``Fault/breakDatabase``.
    init(servers: Servers, stage: Stage, faults: [Fault], breaking: String?, disturbance: Disturbance, history: History) {
        (self.servers, self.stage, self.faults, self.breaking) = (servers, stage, faults, breaking)
        (self.disturbance, self.history) = (disturbance, history)
    }

    /// Goes on until it is cancelled, and leaves everything mended.
    func rage(_ random: inout some RandomNumberGenerator) async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 500...2500, using: &random)))
            guard !Task.isCancelled, let fault = faults.randomElement(using: &random) else { return }
            let instance = servers.indices.randomElement(using: &random) ?? 0
            let hold = Duration.milliseconds(Int.random(in: 200...1500, using: &random))
            // A task of its own, so that the end of the run does not leave anything broken.
            let start = history.now
            try await Task { try await self.commit(fault, on: instance, for: hold) }.value
            raged.withLockedValue { $0.append(start..<history.now) }
            done.withLockedValue { $0[fault, default: 0] += 1 }
            try await measureRecovery(from: fault)
            // There is no second standby.
            if fault == .failOver { return await restForEver() }
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
            try await standingStill(hold, { try await stage.primary?.command("freeze") }, { try await stage.primary?.command("thaw") })
        case .endBackends:
            _ = try await ask(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'auth-api' AND datname = current_database() AND pid <> pg_backend_pid()
                """)
        case .killBackend:
            let any = "SELECT pid FROM pg_stat_activity WHERE application_name = 'auth-api' ORDER BY random() LIMIT 1"
            if let process = try await ask(any) { try await Program.bash("kill -9 \(process)") }
        case .restartPostgres:
            try await stage.primary?.command("stop")
            try await stage.primary?.command("start")
        case .crashPostgres:
            try await stage.primary?.command("crash")
            try await stage.primary?.command("start")
        case .breakDatabase: try await Program.bash(breaking ?? "false")
        case .cutConnections:
            try await disturbance.storm { try await Task.sleep(for: hold) }
        default: try await commitStaged(fault, on: instance, for: hold * 2 + .seconds(1))
        }
    }

    private func restForEver() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(1)) }
    }

    private func measureRecovery(from fault: Fault) async throws {
        let start = history.now
        for instance in servers.indices { try await waitForRegistration(on: instance) }
        recovered.withLockedValue { $0[fault] = max($0[fault] ?? .zero, history.now - start) }
    }

    /// A database that recovers from the fault before refuses everybody for a moment.
    private func ask(_ sql: String) async throws -> String? {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await TestDatabase(conninfo: stage.primary?.conninfo ?? stage.conninfo).value(sql)
            } catch  where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    func standingStill(
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
