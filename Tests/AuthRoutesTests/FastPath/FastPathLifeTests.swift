import AuthCore
import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// Connections of the fast path over time: idle ones end, those in use do not, and a stop lets answers out.
@Suite struct FastPathLifeTests {
    @Test(.timeLimit(.minutes(5)))
    func `a connection that asks nothing, or never ends its question, is closed`() async throws {
        var limits = HTTPLimits()
        limits.idleSeconds = 1
        try await EdgeServer.with(limits: limits) { server in
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
        try await EdgeServer.with(limits: limits) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let requests = Array(repeating: RawRequest.get("/api/auth/verify", bearer), count: 5) + [RawRequest.last]
            let answers = try await server.answers(requests, pause: .milliseconds(600))
            #expect(answers.statuses == [200, 200, 200, 200, 200, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a store answers in place of another, the fast path hears; and a stop lets its answer out`() async throws {
        let asked = Moment()
        try await EdgeServer.with(domain: { SlowSessionStore.domain($0, .milliseconds(500), asked) }) { server in
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
    func `a stop closes connections of the fast path that owe nothing`() async throws {
        let asked = Moment()
        try await EdgeServer.with(domain: { SlowSessionStore.domain($0, .zero, asked) }) { server in
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

/// Changes `findLive` of one id only, as a planted fault does.
private struct SlowSessionStore: SessionStore {
    let store: any SessionStore
    let delay: Duration
    let asked: Moment

    static func domain(_ world: World, _ delay: Duration, _ asked: Moment) -> Domain {
        world.domain { stores in
            stores.sessions.sessions = SlowSessionStore(store: stores.sessions.sessions, delay: delay, asked: asked)
        }
    }

    func findLive(_ id: SessionID) async throws(AuthError) -> LiveSession? {
        asked.set()
        try? await Task.sleep(for: delay)
        return try await store.findLive(id)
    }

    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, surplusEvent: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        try await store.create(session, policy: policy, event: event, surplusEvent: surplusEvent)
    }

    func end(_ id: SessionID, as cause: SessionEnd, notice: NewMail?, event: AuditEvent) async throws(AuthError) {
        try await store.end(id, as: cause, notice: notice, event: event)
    }

    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try await store.endAll(of: user, event: event)
    }
}
