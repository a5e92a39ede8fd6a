import AuthCore
import AuthMiddleware
import AuthTestSupport
import ServerTestSupport
import Testing

/// Connections of the lane over time: idle ones end, those in use do not, and a stop lets answers out.
@Suite struct LaneLifeTests {
    @Test(.timeLimit(.minutes(5)))
    func `a connection that asks nothing, or never ends its question, is closed`() async throws {
        var limits = HTTPLimits()
        limits.idleSeconds = 1
        try await LaneServer.with(limits: limits) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            for request in [
                "", "GET /api/pro", RawRequest.get("/api/profile", bearer), RawRequest.get("/api/profile?", bearer),
                RawRequest.get("/api/profile", bearer) + "GET /api/pro",
            ] {
                let start = ContinuousClock.now
                _ = try await server.answers(request)
                let elapsed = ContinuousClock.now - start
                #expect((Duration.milliseconds(900)...Duration.seconds(25)).contains(elapsed), "\(request): \(elapsed)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a connection in use stays`() async throws {
        var limits = HTTPLimits()
        limits.idleSeconds = 1
        try await LaneServer.with(limits: limits) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let requests = Array(repeating: RawRequest.get("/api/auth/verify", bearer), count: 5) + [RawRequest.last]
            let answers = try await server.answers(requests, pause: .milliseconds(600))
            #expect(answers.statuses == [200, 200, 200, 200, 200, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a store answers in place of another, the lane hears; and a stop lets its answer out`() async throws {
        let asked = Moment()
        try await LaneServer.with(authentication: { SlowSessionStore.authentication($0, .milliseconds(500), asked) }) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            async let answers = server.answers(RawRequest.get("/api/profile", bearer))
            await asked.hasCome()
            await server.stop()
            #expect(try await answers.statuses == [200])
            let begun = try #require(asked.instant)
            #expect((Duration.milliseconds(450)...Duration.seconds(25)).contains(ContinuousClock.now - begun))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a stop closes connections of the lane that owe nothing`() async throws {
        let asked = Moment()
        try await LaneServer.with(authentication: { SlowSessionStore.authentication($0, .zero, asked) }) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            async let answers = server.answers(RawRequest.get("/api/profile", bearer))
            await asked.hasCome()
            try await Task.sleep(for: .milliseconds(200))
            let start = ContinuousClock.now
            await server.stop()
            #expect(try await answers.statuses == [200])
            #expect(ContinuousClock.now - start < .seconds(25))
        }
    }
}

extension Moment {
    fileprivate func hasCome() async {
        while instant == nil { try? await Task.sleep(for: .milliseconds(1)) }
    }
}

/// Changes `guarded` of one id alone, as whoever plants a fault would.
private struct SlowSessionStore: SessionStore {
    let store: InMemorySessionStore
    let delay: Duration
    let asked: Moment

    static func authentication(_ world: World, _ delay: Duration, _ asked: Moment) -> SessionAuthentication {
        SessionAuthentication(
            sessions: SlowSessionStore(store: InMemorySessionStore(database: world.database), delay: delay, asked: asked),
            activity: world.activity, mint: world.mint)
    }

    func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        asked.set()
        try? await Task.sleep(for: delay)
        return try await store.guarded(id)
    }

    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, excess: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        try await store.create(session, policy: policy, event: event, excess: excess)
    }

    func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError) {
        try await store.end(id, as: cause, event: event)
    }

    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try await store.endAll(of: user, event: event)
    }
}
