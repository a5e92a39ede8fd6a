import Foundation
import ServerTestSupport
import Testing

/// A primary and its standby, and one of them gone. One test after another: each takes the machine for itself.
@Suite(.serialized) struct FailoverTests {
    @Test(.timeLimit(.minutes(5)))
    func `F7: the primary is killed under load, and its synchronous standby has all that was acknowledged`() async throws {
        try await Replicas.with(isSynchronous: true) { replicas in
            let traffic = Traffic(server: replicas.server)
            try await traffic.during {
                try await replicas.primary.command("kill")
                try await Task.sleep(for: .seconds(1))
                #expect(try await replicas.server.http.get("/readyz").status == 503)
                try await replicas.standby.command("promote")
                try await replicas.recovery(of: "standby promoted")
            }
            try await traffic.settle(on: replicas.server)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F7: an asynchronous standby is seen to lose what was acknowledged, and the log has said at the start that it may`() async throws {
        try await Replicas.with(isSynchronous: false) { replicas in
            #expect(try replicas.server.logText().contains("synchronous_standby_names"))
            let (kept, _) = try await Person.signedIn(on: replicas.server)
            let position = try #require(try await replicas.primary.query("SELECT pg_current_wal_lsn()")[0][0])
            try await replicas.primary.eventually("the standby has it") {
                try await replicas.standby.query("SELECT pg_last_wal_replay_lsn() >= '\(position)'") == [["t"]]
            }
            // From here on it receives nothing.
            try await replicas.standby.set("primary_conninfo", "")
            try await replicas.primary.eventually("nobody follows") {
                try await replicas.primary.query("SELECT count(*) FROM pg_stat_replication") == [["0"]]
            }
            var lost: [Person] = []
            for _ in 0..<3 { lost.append(try await Person.signedIn(on: replicas.server).person) }
            try await replicas.primary.command("kill")
            try await replicas.standby.command("promote")
            try await replicas.recovery(of: "standby promoted")
            #expect(try await Person.retrying { try await kept.login() }.status == 200)
            for person in lost { #expect(try await Person.retrying { try await person.login() }.status == 401) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func
        `F13: without its synchronous standby nothing is acknowledged, guarded reads go on, and PostgreSQL is not filled with those who wait`()
        async throws
    {
        try await Replicas.with(isSynchronous: true) { replicas in
            let (person, tokens) = try await Person.signedIn(on: replicas.server)
            // Each commit has a row of its own: who waits for another's row lock does not wait for the standby.
            var doomed: [Person.Tokens] = []
            for _ in 0..<40 { doomed.append(try await person.tokens()) }
            let sessions = doomed
            try await replicas.standby.command("stop")
            let end = ContinuousClock.now + .seconds(9)
            _ = try await concurrently(8) { number in
                var own = sessions[(number * 5)..<(number * 5 + 5)]
                while ContinuousClock.now < end {
                    let next = own.popFirst()
                    let reply =
                        if let next { try await replicas.server.http.post("/api/logout/", bearer: next.access) } else {
                            try await Person(on: replicas.server).registration()
                        }
                    #expect(reply.status == 503 && reply["Retry-After"] != nil, "\(reply.status) \(reply.body)")
                    #expect(reply.elapsed < .seconds(3))
                    #expect(try await replicas.server.http.get("/api/profile/", bearer: tokens.access).status == 200)
                    #expect(try await replicas.server.http.get("/readyz").status == 200)
                }
            }
            let waiting = try await replicas.primary.connections(where: "wait_event = 'SyncRep'")
            print("\(waiting) commits wait")
            // Two for each of the five connections that write, and two for the connection of the background work.
            #expect((1...12).contains(waiting))
            try await replicas.standby.command("start")
            try await replicas.recovery(of: "standby back")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["pg_cancel_backend", "pg_terminate_backend"])
    func `F14: a commit whose wait for the standby is ended by another client is not acknowledged`(function: String) async throws {
        try await Cluster.with { cluster in
            let server = try await ServerProcess.start(database: cluster.conninfo)
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            try await cluster.set("synchronous_standby_names", "nobody")
            async let logout = person.http.post("/api/logout/", bearer: tokens.access)
            try await cluster.eventually("the commit waits") {
                try await cluster.query("SELECT \(function)(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == [["t"]]
            }
            let reply = try await logout
            #expect(reply.status == 503 && reply["Retry-After"] != nil, "\(reply.status) \(reply.body)")
            let cause = function == "pg_cancel_backend" ? "the wait for a synchronous standby was cancelled" : "outcome unknown"
            #expect(try server.logText().contains(cause))
            // It is there all the same: unknown is the one true answer.
            #expect(try await cluster.query("SELECT ended_by FROM sessions") == [["logout"]])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F16: of two hosts the standby comes first, and the primary is used`() async throws {
        try await Replicas.with(isSynchronous: true, .standbyFirst) { replicas in
            let (_, tokens) = try await Person.signedIn(on: replicas.server)
            #expect(try await replicas.server.http.get("/api/profile/", bearer: tokens.access).status == 200)
            #expect(try await replicas.standby.connections() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F16: a demoted primary is left for the standby that took over, and F9: not returned to when it takes writes again`() async throws
    {
        try await Replicas.with(isSynchronous: true) { replicas in
            let (person, tokens) = try await Person.signedIn(on: replicas.server)
            try await replicas.primary.set("default_transaction_read_only", "on")
            try await replicas.standby.command("promote")
            try await replicas.recovery(of: "primary demoted, standby promoted")
            #expect(try await replicas.server.http.get("/api/profile/", bearer: tokens.access).status == 200)
            try await replicas.primary.eventually("the old primary is left") { try await replicas.primary.connections() == 0 }

            try await replicas.primary.set("default_transaction_read_only", nil)
            try await replicas.standby.endConnections()
            let newcomer = try await replicas.recovery(of: "old primary writable again, connections to the new one ended")
            #expect(try await replicas.standby.query("SELECT email FROM users WHERE email = '\(newcomer.email)'").count == 1)
            #expect(try await Person.retrying { try await person.login() }.status == 200)
            try await replicas.primary.eventually("the old primary is left") { try await replicas.primary.connections() == 0 }
        }
    }
}
