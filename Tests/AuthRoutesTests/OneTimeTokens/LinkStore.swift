import AuthCore
import AuthTestSupport
import FoundationEssentials
import Synchronization

/// Takes every one-time token, and notes what was asked of it.
final class LinkStore: OneTimeTokenStore, EmailStore, RecoveryStore, DeletionStore {
    private let notes = Mutex<[String]>([])
    /// Thrown instead of an answer.
    private let failure: AuthError?

    init(failing failure: AuthError? = nil) { self.failure = failure }

    var calls: [String] { notes.withLock { $0 } }

    private func note(_ call: String) throws(AuthError) {
        notes.withLock { $0.append(call) }
        if let failure { throw failure }
    }

    /// A domain with this store behind the links.
    func domain(of world: World) -> Domain {
        world.domain { stores in
            stores.tokens = self
            stores.owners.emails = self
            stores.owners.recovery = self
            stores.owners.deletion = self
        }
    }

    /// A token that has the right form.
    static func token() -> String { OneTimeToken(id: OneTimeTokenID(UUID()), secret: .random()).reveal() }

    func find(_ token: PresentedOneTimeToken) async throws(AuthError) -> OneTimeTokenSubject? {
        try note("find \(token.purpose.action)")
        return OneTimeTokenSubject(userID: IdentifierGenerator(clock: ManualClock()).user(routing: .random()), email: World.email)
    }

    func countCodeTry(of user: UserID, _ purposes: [OneTimeTokenPurpose]) async throws(AuthError) -> CodeAttempt? { nil }

    func queueVerification(of user: UserID, mail: NewMail, event: AuditEvent) async throws(AuthError) -> Bool { false }
    func verify(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        try note("verify")
        return true
    }
    func queueChange(of user: UserID, to email: EmailAddress, mail: NewMail, event: AuditEvent) async throws(AuthError) {}
    func change(_ change: EmailChangeOrder) async throws(AuthError) { try note("change") }
    func undo(_ undo: EmailUndoOrder) async throws(AuthError) { try note("undo") }

    func reset(_ order: PasswordResetOrder) async throws(AuthError) -> Bool {
        try note("reset")
        return true
    }
    func secure(_ order: SecuringOrder) async throws(AuthError) -> Bool {
        try note("secure")
        return true
    }

    func schedule(_ user: UserID, grace: Duration, notice: NewMail?, event: AuditEvent) async throws(AuthError) -> Timestamp? { nil }
    func restore(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        try note("restore")
        return true
    }
    func condemn(_ user: UserID) async throws(AuthError) -> Bool { false }
    func due(limit: Int) async throws(AuthError) -> [UserID] { [] }
    func addresses(of user: UserID) async throws(AuthError) -> [String] { [] }
    func erase(_ user: UserID, addresses: [EmailAddress], event: AuditEvent) async throws(AuthError) -> Bool { false }
}
