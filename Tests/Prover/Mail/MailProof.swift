import AuthTestSupport
import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport

/// Two built servers and a mail server that fails in every way, while people register and forget their passwords, and somebody breaks
/// servers and PostgreSQL. In the end each acknowledged request has its mail, and no mail has no request.
package struct MailProof: Sendable {
    package struct Settings: Sendable {
        package var duration: Duration = .seconds(45)
        package var seed: UInt64 = .random(in: 0 ... .max)
        package var hasFaults = true

        package init() {}
    }

    private let settings: Settings
    private let history = MailHistory()

    package init(_ settings: Settings) { self.settings = settings }

    /// Faults after which the same PostgreSQL goes on with the same data.
    private static let faults: [Fault] = [.killInstance, .endBackends, .killBackend, .restartPostgres, .crashPostgres]

    package func run() async throws -> MailReport {
        try await Stage.with(nil) { stage in
            let mail = try FickleMailServer(history)
            defer { mail.stop() }
            let environment = [
                "MAIL_URL": "smtp://127.0.0.1:\(mail.port)", "MAIL_FROM": "Prover <prover@example.org>", "ARGON2_SLOTS": "1",
                "ATTEMPTS_PER_NETWORK": "1000000",
            ]
            let servers = try await Servers.start(2, database: stage.conninfo, environment: { _ in environment }, program: nil)
            defer { servers.killAll() }
            let nemesis = Nemesis(
                servers: servers, stage: stage, faults: Self.faults, breaking: nil, disturbance: Disturbance(isStill: true),
                history: History())
            try await rage(servers, stage, mail, nemesis)
            try await settle(servers, stage, mail)
            let unfinished = try await ask(stage, "SELECT count(*) FROM mails WHERE finished_at IS NULL").flatMap { Int($0) } ?? -1
            let checker = MailChecker(history.causes, history.deliveries, refused: history.refused)
            return MailReport(
                seed: settings.seed, history: history, faults: nemesis.committed, unfinished: unfinished,
                violations: checker.violations(allowsDuplicates: settings.hasFaults) + (try await redemptions(servers)))
        }
    }

    private func rage(_ servers: Servers, _ stage: Stage, _ mail: FickleMailServer, _ nemesis: Nemesis) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 { group.addTask { await people(number, servers) } }
            group.addTask { try await hurry(stage) }
            if settings.hasFaults {
                group.addTask {
                    var random = SeededRandom(seed: settings.seed)
                    try await nemesis.rage(&random)
                }
                group.addTask {
                    var random = SeededRandom(seed: settings.seed &+ 1)
                    while !Task.isCancelled {
                        try mail.turn(FickleMailServer.Mood.allCases.randomElement(using: &random)!)
                        try? await Task.sleep(for: .milliseconds(1500))
                    }
                }
            }
            group.addTask { try await Task.sleep(for: settings.duration) }
            try await nextOf(&group)
        }
    }

    /// The first that ends is the clock, or somebody who could not go on.
    private func nextOf(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        try await group.next()
        group.cancelAll()
        while let result = await group.nextResult() {
            if case .failure(let error) = result, !(error is CancellationError) { throw error }
        }
    }

    private func people(_ number: Int, _ servers: Servers) async {
        var count = 0
        while !Task.isCancelled {
            count += 1
            let address = "p\(number)x\(count)@example.org"
            guard await ask(.verify, address, servers) else { continue }
            // Some ask so often that the budget is used up.
            for _ in 0..<Int.random(in: 0...5) { _ = await ask(.reset, address, servers) }
            _ = await post("/api/password/forgot/", #"{"email":"nobody\#(number)x\#(count)@example.org"}"#, servers)
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func ask(_ kind: MailHistory.Cause.Kind, _ address: String, _ servers: Servers) async -> Bool {
        let start = history.now
        let password = Client.password
        let status =
            switch kind {
            case .verify:
                await post("/api/register/", #"{"email":"\#(address)","password":"\#(password)","password2":"\#(password)"}"#, servers)
            case .reset: await post("/api/password/forgot/", #"{"email":"\#(address)"}"#, servers)
            }
        let isAcknowledged = status == 201 || status == 202
        // A refusal is no cause. If there was no answer, it is not known.
        if isAcknowledged || status == nil || status == 503 {
            history.add(MailHistory.Cause(kind, address, start: start, isAcknowledged: isAcknowledged))
        }
        return isAcknowledged
    }

    private func post(_ path: String, _ json: String, _ servers: Servers) async -> Int? {
        let instance = servers.indices.randomElement() ?? 0
        return try? await Loopback(port: servers.port(of: instance), timeout: .seconds(5)).post(path, json: json).status
    }

    /// Delays of half a minute and more would outlast the run.
    private func hurry(_ stage: Stage) async throws {
        while !Task.isCancelled {
            _ = try? await ask(stage, "UPDATE mails SET due_at = now() WHERE state = 'queued' AND due_at > now()")
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Mends everything, and waits until nothing is due. The servers are started again, so that no lease has a living sender.
    private func settle(_ servers: Servers, _ stage: Stage, _ mail: FickleMailServer) async throws {
        try mail.turn(.well)
        if !settings.hasFaults { try await waitUntilDone(stage) }
        for instance in servers.indices { servers.kill(instance) }
        for instance in servers.indices { try await servers.restart(instance) }
        _ = try await ask(stage, "UPDATE mails SET due_at = now() WHERE finished_at IS NULL")
        try await waitUntilDone(stage)
    }

    private func waitUntilDone(_ stage: Stage) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while try await ask(stage, "SELECT count(*) FROM mails WHERE finished_at IS NULL") != "0", .now < deadline {
            try await Task.sleep(for: .milliseconds(500))
            _ = try await ask(stage, "UPDATE mails SET due_at = now() WHERE state = 'queued' AND due_at > now()")
        }
    }

    private func ask(_ stage: Stage, _ sql: String) async throws -> String? { try await TestDatabase(conninfo: stage.conninfo).value(sql) }

    /// The token of the last mail of some addresses works, once.
    private func redemptions(_ servers: Servers) async throws -> [String] {
        let last = Dictionary(grouping: history.deliveries.filter { $0.kind == .verify }, by: \.address).compactMap(\.value.last).prefix(50)
        var violations: [String] = []
        for delivery in last {
            let json = #"{"token":"\#(delivery.token)"}"#
            let (first, second) = (await post("/api/email/verify/", json, servers), await post("/api/email/verify/", json, servers))
            if first != 204 || second == 204 {
                violations.append("\(delivery.address): its token answered \(first ?? 0), then \(second ?? 0)")
            }
        }
        return violations
    }
}

/// What a run of ``MailProof`` did, and what it found.
package struct MailReport: Sendable, CustomStringConvertible {
    let seed: UInt64
    let history: MailHistory
    let faults: [Fault: Int]
    let unfinished: Int
    package let violations: [String]

    /// Whether enough was sent that it says something.
    package var isTelling: Bool { history.deliveries.count >= 50 && unfinished == 0 }

    package var description: String {
        let causes = history.causes
        let duplicates = history.deliveries.count - Set(history.deliveries.map(\.messageID)).count
        return """
            seed \(seed), \(causes.count) requests for mails, of which \(causes.count(where: \.isAcknowledged)) acknowledged
            \(history.deliveries.count) mails got to the mail server, \(duplicates) of them again after a lost answer; \
            \(history.refused.count) addresses refused for good; \(unfinished) left in the queue
            \(faults.map { "\($1) × \($0.rawValue)" }.sorted().joined(separator: "\n"))
            \(violations.prefix(5).joined(separator: "\n"))
            \(violations.isEmpty ? (isTelling ? "no violation" : "too little was sent: this says nothing") : "\(violations.count) VIOLATIONS")
            """
    }
}
