import AuthTestSupport
import Foundation
import ServerTestSupport

/// What lasts longer, on a stage of its own.
extension Nemesis {
    /// How long somebody who was not served asks again.
    private static let recoveryTimeout: Duration = .seconds(30)

    func commitStaged(_ fault: Fault, on instance: Int, for hold: Duration) async throws {
        let primary = stage.primary
        switch fault {
        case .failOver:
            try await standingStill(hold / 2, { try await primary?.command("kill") }, { try await stage.standby?.command("promote") })
        case .loseStandby:
            try await standingStill(hold, { try await stage.standby?.command("stop") }, { try await stage.standby?.command("start") })
        case .fillDisk:
            try await primary?.fillDisk { try await Task.sleep(for: hold) }
            // It has ended where it could not even write down that it recovered.
            try await primary?.command("start")
        case .exhaustConnections: try await crowd(for: hold)
        case .jamLocks: try await standingStill(.zero, { try await jam(for: hold) }, {})
        case .refuseMemory:
            try await servers.starving(instance, margin: 48 << 20) {
                try await Task.sleep(for: hold)
                try await waitForTrace(of: fault)
            }
        case .refuseDescriptors: try await servers.withoutDescriptors(instance) { try await Task.sleep(for: hold) }
        case .jumpClock: try await moveClock(for: hold)
        default: break
        }
        try await waitForTrace(of: fault)
    }

    /// The log is written in the background, and on a busy machine the first login that meets the fault may come late.
    private func waitForTrace(of fault: Fault) async throws {
        guard let trace = fault.trace else { return }
        let end = history.now + Self.recoveryTimeout
        while try !servers.haveLogged(trace) {
            guard history.now < end else { throw Program.Failure(description: "no server has met the fault") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func jam(for hold: Duration) async throws {
        try await TestDatabase(conninfo: stage.primary?.conninfo ?? stage.conninfo).holding("LOCK TABLE sessions") {
            try await Task.sleep(for: hold)
        }
    }

    /// Others take every connection there is, and some of those that the servers have.
    private func crowd(for hold: Duration) async throws {
        let takeSome = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auth-api' AND random() < 0.1"
        let keep = "SELECT pg_sleep(\(Double(hold.milliseconds) / 1000))"
        let one = "psql -wXqc \"\(takeSome)\" -c \"\(keep)\" '\(stage.primary?.conninfo ?? stage.conninfo)' >/dev/null 2>&1"
        try await Program.bash("for _ in $(seq 40); do { \(one) || { sleep 0.5; \(one); } || true; } & done; wait")
    }

    private func moveClock(for hold: Duration) async throws {
        guard let clock = stage.clock?.url else { return }
        let positions = ["+3600", "-3600", "-157680000", "+157680000", "2020-01-01 00:00:00"]
        for position in positions {
            try position.write(to: clock, atomically: false, encoding: .utf8)
            try await Task.sleep(for: hold / positions.count)
        }
        try "+0".write(to: clock, atomically: false, encoding: .utf8)
    }

    func waitForRegistration(on instance: Int) async throws {
        let end = history.now + Self.recoveryTimeout
        let server = Loopback(port: servers.port(of: instance), timeout: .seconds(4))
        let account = "r\(UInt64.random(in: 0 ... .max))@example.org"
        let body = #"{"email":"\#(account)","password":"\#(Client.password)","password2":"\#(Client.password)"}"#
        while history.now < end {
            // The first try may have been carried out unheard.
            if let status = try? await server.post("/api/register/", json: body).status, [201, 409].contains(status) { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
        throw Program.Failure(description: "instance \(instance) does not recover")
    }
}
