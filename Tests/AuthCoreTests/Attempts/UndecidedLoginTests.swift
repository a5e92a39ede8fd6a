import AuthTestSupport
import Testing

@testable import AuthCore

/// The turn and the count of a login that is not decided.
@Suite(.requestDeadline) struct UndecidedLoginTests {
    private let world = World()

    /// Two logins of one client that are counted, and whose passwords are then not hashed. The second waits for its turn.
    private func logInTwice(_ store: SlowStore) async {
        world.hasher.refuseVerification()
        let signIn = world.domain { $0.attempts = store }.sessions.signIn
        for _ in 0..<2 {
            await #expect(throws: AuthError.overloaded(retryAfter: .seconds(2))) {
                try await signIn.signIn(email: World.email, password: World.password, deviceName: nil, origin: World.origin)
            }
        }
    }

    @Test(arguments: [false, true])
    func `the next turn begins after the withdrawal, also after one that fails`(fails: Bool) async {
        let store = SlowStore(attempts: InMemoryAttemptStore(database: world.database), fails: fails)
        await logInTwice(store)
        #expect(await store.calls.prefix(3) == ["begin", "withdraw", "begin"])
    }

    @Test(arguments: [false, true])
    func `the next turn begins after a right login's networks have their allowance back`(fails: Bool) async throws {
        try await world.register()
        let store = SlowStore(attempts: InMemoryAttemptStore(database: world.database), fails: fails)
        let signIn = world.domain { $0.attempts = store }.sessions.signIn
        let stranger = RequestOrigin(ip: "198.51.100.1", userAgent: nil, requestID: "request")
        for _ in 0..<2 { _ = try await signIn.signIn(email: World.email, password: World.password, deviceName: nil, origin: stranger) }
        #expect(await store.calls.prefix(3) == ["begin", "return", "begin"])
        #expect(await store.deadlines.first == .some(nil))
    }

    @Test func `the deadline of the request is none for the withdrawal`() async {
        #expect(RequestDeadline.current != nil)
        let store = SlowStore(attempts: InMemoryAttemptStore(database: world.database))
        await logInTwice(store)
        #expect(await store.deadlines.first == .some(nil))
    }

    @Test func `a login that could not be counted leaves its turn`() async {
        world.database.goAway()
        for _ in 0..<2 {
            await #expect(throws: AuthError.unavailable(cause: "no connection before the deadline")) { try await world.logIn() }
        }
    }

    @Test func `a password from a known network goes before those of strangers`() async throws {
        try await world.register()
        _ = try await world.logIn()
        #expect(world.hasher.preferredCount == 1)
        let stranger = RequestOrigin(ip: "198.51.100.1", userAgent: nil, requestID: "request")
        _ = try await world.signIn.signIn(email: World.email, password: World.password, deviceName: nil, origin: stranger)
        #expect(world.hasher.preferredCount == 1)
    }
}

/// Attempts whose withdrawal, and whose return of an allowance, takes a while.
private actor SlowStore: AttemptStore {
    private let attempts: any AttemptStore
    private let fails: Bool
    /// Each is noted when it is done.
    private(set) var calls: [String] = []
    /// Those of the withdrawals and returns.
    private(set) var deadlines: [ContinuousClock.Instant?] = []

    init(attempts: any AttemptStore, fails: Bool = false) { (self.attempts, self.fails) = (attempts, fails) }

    func begin(
        _ email: EmailAddress, ip: String?, device: SessionID?, policy: AttemptPolicy, limitEvent: AuditEvent
    ) async throws(AuthError) -> LoginAttempt {
        let attempt = try await attempts.begin(email, ip: ip, device: device, policy: policy, limitEvent: limitEvent)
        calls.append("begin")
        return attempt
    }

    func withdraw(_ attempt: LoginAttempt) async throws(AuthError) {
        deadlines.append(RequestDeadline.current)
        try? await Task.sleep(for: .milliseconds(100))
        calls.append("withdraw")
        if fails { throw .unavailable(cause: "away") }
        try await attempts.withdraw(attempt)
    }

    func returnAllowance(of attempt: LoginAttempt) async throws(AuthError) {
        deadlines.append(RequestDeadline.current)
        try? await Task.sleep(for: .milliseconds(100))
        calls.append("return")
        if fails { throw .unavailable(cause: "away") }
        try await attempts.returnAllowance(of: attempt)
    }

    func count(_ kind: AttemptKind, ip: String?, policy: AttemptPolicy, limitEvent: AuditEvent) async throws(AuthError) {
        try await attempts.count(kind, ip: ip, policy: policy, limitEvent: limitEvent)
    }

    func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool {
        try await attempts.unlock(email, policy: policy, event: event)
    }
}
