import AuthTestSupport
import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

/// Two instances behind HAProxy under the configuration that we ship.
@Suite(.serialized) struct RollingRestartTests {
    private static let settings = ["SHUTDOWN_DELAY": "2s", "TRUSTED_PROXIES": "127.0.0.1"]

    @Test(.timeLimit(.minutes(5)))
    func `F22: one instance after the other is stopped and started again, and not one of hundreds of requests a second fails`() async throws
    {
        try await TestDatabase.with { database in
            var instances: [ServerProcess] = []
            for _ in 0...1 { instances.append(try await ServerProcess.start(database: database.conninfo, environment: Self.settings)) }
            let proxy = try await ProxyProcess.start(instances: (instances[0].port, instances[1].port))
            defer {
                proxy.stop()
                for instance in instances { instance.kill() }
            }
            // Until the first check of each it has nobody to send requests to.
            while try await Loopback(port: proxy.port).get("/readyz").status != 200 {}
            let visitors = Visitors(http: Loopback(port: proxy.port))
            try await visitors.during {
                for number in instances.indices {
                    let port = instances[number].port
                    #expect(await Self.end(of: instances[number]) == 0)
                    instances[number] = try await ServerProcess.start(database: database.conninfo, port: port, environment: Self.settings)
                    try await Self.waitUntilUsed(instances[number])
                }
            }
            let counts = visitors.counts
            print("\(counts.answers) answers, \(counts.perSecond) a second")
            #expect(counts.failures.isEmpty, "\(counts.failures.count): \(counts.failures.prefix(5))")
            #expect(counts.answers > 500)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F2: an instance that was told to stop is unready and serves for the delay, then ends with 0`() async throws {
        try await ServerProcess.with(environment: Self.settings) { server, _ in
            let (_, tokens) = try await Person.signedIn(on: server)
            async let status = Self.end(of: server)
            while try await server.http.get("/readyz").status == 200 {}
            let reply = try await server.http.get("/api/profile/", bearer: tokens.access)
            #expect(reply.status == 200)
            #expect(await status == 0)
            await #expect(throws: Loopback.Failure.self) { try await server.http.get("/livez") }
        }
    }

    /// Its exit status after SIGTERM, without a thread of Swift's that waits for it.
    private static func end(of server: ServerProcess) async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: server.terminate()) }
        }
    }

    /// HAProxy sends it requests again.
    private static func waitUntilUsed(_ server: ServerProcess) async throws {
        for _ in 0..<400 {
            if try server.logText().contains("/api/profile") { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the new instance is never used")
    }
}

/// People who look at their profile, refresh, log in and log out, on connections of their own and on ones that stay open.
private struct Visitors {
    struct Counts {
        var answers = 0
        var failures: [String] = []
        var elapsed: Duration = .zero
        var perSecond: Int { Int(Double(answers) / (elapsed / .seconds(1))) }
    }

    let http: Loopback
    private let state = NIOLockedValueBox(Counts())

    init(http: Loopback) { self.http = http }

    var counts: Counts { state.withLockedValue { $0 } }

    func during(_ body: () async throws -> Void) async throws {
        let (end, start) = (Moment(), ContinuousClock.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await visit(until: end) } }
            group.addTask { try await comeAndGo(until: end) }
            group.addTask { try await stay(until: end) }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            end.set()
            try await group.waitForAll()
            try outcome.get()
        }
        state.withLockedValue { $0.elapsed = .now - start }
    }

    /// Reads, and now and then a refresh, which must not be repeated behind the client's back for nothing.
    private func visit(until end: Moment) async throws {
        let person = Person(over: http)
        expect(try await Person.retrying { try await person.registration() }, 201)
        guard var tokens = Person.Tokens(try await Person.retrying { try await person.login() }) else { return fail("no login") }
        var count = 0
        while end.instant == nil {
            count += 1
            expect(try await http.get("/api/profile/", bearer: tokens.access), 200)
            guard count.isMultiple(of: 10) else { continue }
            let refreshed = try await http.post("/api/auth/refresh/", bearer: tokens.refresh)
            expect(refreshed, 200)
            tokens = Person.Tokens(refreshed) ?? tokens
        }
    }

    private func comeAndGo(until end: Moment) async throws {
        let person = Person(over: http)
        expect(try await Person.retrying { try await person.registration() }, 201)
        while end.instant == nil {
            let login = try await person.login()
            expect(login, 200)
            guard let tokens = Person.Tokens(login) else { return }
            expect(try await http.post("/api/logout/", bearer: tokens.access), 204)
            expect(try await http.get("/api/profile/", bearer: tokens.access), 401)
        }
    }

    /// Connections that stay open, with two hundred requests each.
    private func stay(until end: Moment) async throws {
        let person = Person(over: http)
        expect(try await Person.retrying { try await person.registration() }, 201)
        guard let tokens = Person.Tokens(try await Person.retrying { try await person.login() }) else { return fail("no login") }
        let head = "GET /api/profile/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(tokens.access)\r\n"
        let requests = Array(repeating: Array((head + "\r\n").utf8), count: 199) + [Array((head + "Connection: close\r\n\r\n").utf8)]
        while end.instant == nil {
            let answers = String(decoding: try await http.raw(requests, pause: .milliseconds(5)), as: UTF8.self)
            let good = answers.matches(of: /HTTP\/1.1 200 OK/).count
            state.withLockedValue { $0.answers += good }
            if good != requests.count { fail("\(good) of \(requests.count) on one connection") }
        }
    }

    private func expect(_ reply: Loopback.Reply, _ status: Int) {
        state.withLockedValue { $0.answers += 1 }
        if reply.status != status { fail("\(status) expected: \(reply.status) \(reply.body)") }
    }

    private func fail(_ what: String) { state.withLockedValue { $0.failures.append(what) } }
}
