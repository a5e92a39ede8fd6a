package import Foundation
import ServerTestSupport

/// Two built servers on one PostgreSQL of its own, clients that use and change sessions together, somebody who breaks things, and
/// in the end the question whether any promise was broken.
package struct Proof: Sendable {
    package struct Settings: Sendable {
        package var duration: Duration = .seconds(60)
        package var seed: UInt64 = .random(in: 0 ... .max)
        package var clients = 24
        package var instances = 2
        package var hasFaults = true
        /// The only one of the run, on a stage of its own; `nil` for everyday ones at random.
        package var fault: Fault?
        /// A server with something wrong in it, which must be found.
        package var plant: (url: URL, arguments: [String])?
        /// An existing database, such as one behind a pooler. It must be empty, except for data of earlier runs. If this is `nil`, the run
        /// starts a PostgreSQL of its own.
        package var database: String?
        /// A command that breaks a part of the existing database, repairs it, and then ends; `nil` to break nothing this way.
        package var breaking: String?
        /// Of the connections to PostgreSQL, such as that commits need not be durable.
        package var databaseOptions: String?

        package init() {}
    }

    package let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package func run() async throws -> Report {
        if let database = settings.database { return try await run(on: Stage(conninfo: database)) }
        return try await Stage.with(settings.fault) { stage in try await run(on: stage) }
    }

    private func run(on stage: Stage) async throws -> Report {
        let database = settings.databaseOptions.map { stage.conninfo + "?options=" + $0 } ?? stage.conninfo
        var rules = Rules()
        if settings.fault != nil { rules.lateness = .seconds(20) }
        let settingsOfAll = rules.settings
        let servers = try await Servers.start(
            settings.instances, database: database,
            environment: { settingsOfAll.merging(stage.environment(of: $0)) { $1 } }, program: settings.plant)
        defer { servers.killAll() }
        let credential = try await Self.credential(database: database)
        return try await run(on: servers, stage, credential, rules)
    }

    private func run(on servers: Servers, _ stage: Stage, _ credential: String, _ rules: Rules) async throws -> Report {
        let history = History()
        let disturbance = Disturbance(isStill: !settings.hasFaults)
        let nemesis = Nemesis(
            servers: servers, stage: stage, faults: settings.fault.map { [$0] } ?? everyday, breaking: settings.breaking,
            disturbance: disturbance, history: history)
        let shelf = Shelf()
        let workloads = (0..<settings.clients).map { number in
            Workload(
                client: Client(number: number, servers: servers, history: history, disturbance: disturbance, credential: credential),
                shelf: shelf, servers: servers)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for workload in workloads {
                group.addTask { while !Task.isCancelled { await workload.step() } }
            }
            if settings.hasFaults {
                group.addTask {
                    var random = SeededRandom(seed: settings.seed)
                    try await nemesis.rage(&random)
                }
            }
            group.addTask { try await watch(history, nemesis, rules) }
            // Whoever comes back first is the watch, or somebody who could not go on.
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
        try await Task.sleep(for: .seconds(1))
        await workloads.first?.lastLook()
        var final = rules
        final.freezes = nemesis.freezes
        final.disturbances = nemesis.disturbances
        let operations = history.operations
        let unaudited = try await Audit(conninfo: stage.conninfo).violations()
        return Report(
            seed: settings.seed, elapsed: history.now, operations: operations, faults: nemesis.committed,
            recoveries: nemesis.recoveries,
            violations: Checker(operations, rules: final).violations() + unaudited)
    }

    private var everyday: [Fault] {
        guard settings.database != nil else { return Fault.everyday }
        return Fault.everydayElsewhere + (settings.breaking == nil ? [] : [.breakDatabase, .breakDatabase])
    }

    /// Waits for the end of the run. Where a fault is planted, it is over as soon as that is found.
    private func watch(_ history: History, _ nemesis: Nemesis, _ rules: Rules) async throws {
        while history.now < settings.duration {
            try await Task.sleep(for: min(.seconds(3), settings.duration - history.now))
            guard settings.plant != nil || settings.databaseOptions != nil else { continue }
            // Of what is being broken at this moment nothing is known yet.
            let settled = history.operations.filter { $0.end < history.now - rules.lateness }
            var known = rules
            (known.freezes, known.disturbances) = (nemesis.freezes, nemesis.disturbances)
            if !Checker(settled, rules: known).violations().isEmpty { return }
        }
    }

    /// A service's, made as an operator makes it.
    private static func credential(database: String) async throws -> String {
        let name = "prover-\(UInt32.random(in: 0 ... .max))"
        let outcome = try await Program.run(
            try Repository.server.path, ["client", "add", name], environment: ["DATABASE_URL": database, "LOG_LEVEL": "error"])
        guard let secret = outcome.output.firstMatch(of: /client_secret=(\S+)/) else {
            throw Program.Failure(description: "no client was added: \(outcome.errors)")
        }
        return Data("\(name):\(secret.1)".utf8).base64EncodedString()
    }
}
