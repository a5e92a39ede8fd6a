public import AuthCore
import NIOConcurrencyHelpers

/// Accounts, sessions and the audit trail as PostgreSQL would keep them, judged by one manual clock.
public final class InMemoryDatabase: Sendable {
    struct Account {
        var user: User
        var address: String
        var passwordHash: PasswordHash
        var epoch: Int32 = 0
        var isDisabled = false
    }

    struct StoredSession {
        var session: Session
        var userID: UserID
        var epoch: Int32
        var salt: Octets32
        var generation: TokenGeneration
        var digests: TokenDigests
        var accessExpiresAt: Timestamp
        var previousAccess: LiveSession.LiveToken?
        var rotatedAt: Timestamp
        var isSuccessorUsed = false
        var renewalRecordedAt: Timestamp?
        var renewalRows = 0
        var renewalOrigin: [String?] = []
        var unrecordedRenewals = 0
        var retriedGeneration = TokenGeneration(0)
        var isEnded: Bool
    }

    /// What one row of the audit trail tells.
    public struct Event: Hashable, Sendable {
        public let id: EventID
        public let kind: AuditKind
        public let userID: UserID?
        public let sessionID: SessionID?
        public let email: String?
        public let origin: RequestOrigin
    }

    /// An address, and a network or device that the account knows; `nil` for all others.
    struct Tried: Hashable {
        let address: String
        let network: String?
    }

    struct Failures {
        var count: Int
        var blockedUntil: Timestamp
    }

    struct Tables {
        var accounts: [UserID: Account] = [:]
        var sessions: [SessionID: StoredSession] = [:]
        var clients: [ServiceClientID: StoredServiceClient] = [:]
        var failures: [Tried: Failures] = [:]
        var loginsSpentUntil: [Tried: Timestamp] = [:]
        var spentUntil: [String: Timestamp] = [:]
        var events: [Event] = []
        var sealedCount = 0
        var isAway = false
    }

    public let clock: ManualClock
    private let tables = NIOLockedValueBox(Tables())

    public init(clock: ManualClock) {
        self.clock = clock
    }

    public var events: [Event] { tables.withLockedValue(\.events) }
    public var accountCount: Int { tables.withLockedValue(\.accounts.count) }
    public var sessionCount: Int { tables.withLockedValue(\.sessions.count) }

    /// Seals every event that waits.
    public func sealEvents() { tables.withLockedValue { $0.sealedCount = $0.events.count } }

    public func disable(_ user: UserID) { tables.withLockedValue { $0.accounts[user]?.isDisabled = true } }
    public func delete(_ user: UserID) { tables.withLockedValue { $0.accounts[user] = nil } }
    public func passwordHash(of user: UserID) -> PasswordHash? { tables.withLockedValue { $0.accounts[user]?.passwordHash } }

    /// What no registration would write, but somebody could who has the database.
    public func replaceEmail(of user: UserID, with email: String) {
        tables.withLockedValue { tables in
            guard let old = tables.accounts[user]?.user else { return }
            tables.accounts[user]?.user = User(id: old.id, email: email, createdAt: old.createdAt)
        }
    }

    func see(_ sighting: Sighting) {
        let now = clock.now()
        tables.withLockedValue { tables in
            guard let stored = tables.sessions[sighting.sessionID] else { return }
            tables.sessions[sighting.sessionID]?.session = stored.session.seen(now, idleUntil: stored.session.idleExpiresAt)
            if sighting.firstUse == stored.generation { tables.sessions[sighting.sessionID]?.isSuccessorUsed = true }
        }
    }

    /// Every statement from now on finds no connection.
    public func goAway() { tables.withLockedValue { $0.isAway = true } }

    func run<Value>(_ statement: (inout sending Tables) -> sending Value) throws(AuthError) -> Value {
        let value: Value? = tables.withLockedValue { tables in tables.isAway ? nil : statement(&tables) }
        guard let value else { throw .unavailable(cause: "no connection before the deadline") }
        return value
    }
}

extension InMemoryDatabase.Tables {
    mutating func record(_ event: AuditEvent, user: UserID?, session: SessionID? = nil, email: String? = nil) {
        events.append(.init(id: event.id, kind: event.kind, userID: user, sessionID: session, email: email, origin: event.origin))
    }

    /// A session that may be refreshed, and its account.
    func live(_ id: SessionID, at now: Timestamp) -> (InMemoryDatabase.StoredSession, InMemoryDatabase.Account)? {
        guard let stored = sessions[id], let account = accounts[stored.userID], !stored.isEnded, !account.isDisabled,
            account.epoch == stored.epoch, stored.session.idleExpiresAt > now, stored.session.expiresAt > now
        else { return nil }
        return (stored, account)
    }
}
