import AuthCore
import AuthMiddleware
import AuthTestSupport
import ServerTestSupport
import Testing

/// Connections of the lane over time: idle ones end, those in use do not, and a stop lets answers out.
@Suite struct LaneLifeTests {
    @Test(.timeLimit(.minutes(1)))
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
                #expect((Duration.milliseconds(900)...Duration.seconds(3)).contains(elapsed), "\(request): \(elapsed)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
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

    @Test(.timeLimit(.minutes(1)))
    func `what a store answers in place of another, the lane hears; and a stop lets its answer out`() async throws {
        try await LaneServer.with(authentication: { SlowSessionStore.authentication($0) }) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let start = ContinuousClock.now
            async let answers = server.answers(RawRequest.get("/api/profile", bearer))
            try await Task.sleep(for: .milliseconds(100))
            await server.stop()
            #expect(try await answers.statuses == [200])
            #expect((Duration.milliseconds(450)...Duration.seconds(3)).contains(ContinuousClock.now - start))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stop closes connections of the lane that owe nothing`() async throws {
        try await LaneServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let start = ContinuousClock.now
            async let answers = server.answers(RawRequest.get("/api/profile", bearer))
            try await Task.sleep(for: .milliseconds(200))
            await server.stop()
            #expect(try await answers.statuses == [200])
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }
}

/// Changes `guarded` of one id alone, as whoever plants a fault would.
private struct SlowSessionStore: SessionStore {
    let store: InMemorySessionStore

    static func authentication(_ world: World) -> SessionAuthentication {
        SessionAuthentication(
            sessions: SlowSessionStore(store: InMemorySessionStore(database: world.database)), activity: world.activity, mint: world.mint)
    }

    func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        try? await Task.sleep(for: .milliseconds(500))
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
