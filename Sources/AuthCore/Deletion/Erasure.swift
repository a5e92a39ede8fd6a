/// Takes accounts out of the server for good: their rows, what is kept about their addresses, and their personal fields in the audit trail.
public struct Erasure: Sendable {
    /// Accounts of one look at the database.
    private static let batch = 16
    /// How often it tries what no later round can do.
    private static let tries = 5

    private let store: any DeletionStore
    private let accounts: any AccountAdministrationStore
    private let trail: AuditErasure
    private let kit: Kit

    init(_ store: any DeletionStore, _ accounts: any AccountAdministrationStore, _ trail: AuditErasure, _ kit: Kit) {
        (self.store, self.accounts, self.trail, self.kit) = (store, accounts, trail, kit)
    }

    /// Erases an account now, whatever its owner has said.
    ///
    /// - Returns: `false` if no account has the address.
    /// - Throws: ``AuthError/unavailable(cause:)``. Then the job of the server does what is left.
    public func erase(_ email: EmailAddress) async throws -> Bool {
        guard let account = try await accounts.find(email), try await store.condemn(account.user.id) else { return false }
        // The event has no more than that. The program and the reason would be personal fields of the account, and be erased.
        try await erase(account.user.id, .server("operator")) { _ in }
        return true
    }

    /// Erases all accounts whose grace is over. One that fails does not keep the others, and the next round tries it again.
    ///
    /// - Parameter rest: called after each step with the time that it took.
    /// - Returns: how many accounts were erased.
    /// - Throws: what `rest` throws, and the last failure, after it has tried the others.
    public func eraseDue(rest: Job.Rest) async throws -> Int {
        var (erased, before, failure) = (0, 0, (any Error)?.none)
        repeat {
            before = erased
            for user in try await store.due(limit: Self.batch) {
                do {
                    if try await erase(user, .server("deletion"), rest) { erased += 1 }
                } catch {
                    if Task.isCancelled { throw error }
                    failure = error
                }
            }
        } while erased > before
        if let failure { throw failure }
        return erased
    }

    /// The rows come after the trail, because the account is found again as long as it has its row. So the next round repairs what a crash
    /// has left. The trail comes again after the rows, for the events of requests that were under way. Nobody can find those again after a
    /// stop, so there is no rest before.
    @discardableResult
    private func erase(_ user: UserID, _ origin: RequestOrigin, _ rest: Job.Rest) async throws -> Bool {
        let addresses = try await addresses(of: user)
        try await trail.erase(user, addresses: addresses, rest: rest)
        let start = ContinuousClock.now
        let event = kit.identifiers.event(.userDeleted, of: user.routing, origin)
        let isErased = try await store.erase(user, addresses: addresses, event: event)
        try await eraseRest(of: user, addresses)
        try await rest(.now - start)
        return isErased
    }

    /// The chain may be locked for a moment.
    private func eraseRest(of user: UserID, _ addresses: [EmailAddress]) async throws {
        for _ in 1..<Self.tries {
            do {
                try await trail.erase(user, addresses: addresses)
                return
            } catch {}
        }
        try await trail.erase(user, addresses: addresses)
    }

    /// A text that is no address any more, by newer rules, goes with the row of the account alone.
    private func addresses(of user: UserID) async throws(AuthError) -> [EmailAddress] {
        var addresses: [EmailAddress] = []
        for text in try await store.addresses(of: user) {
            guard let address = EmailAddress(text, rules: kit.rules),
                !addresses.contains(where: { known in known.canonical.hasSameOctets(as: address.canonical) })
            else { continue }
            addresses.append(address)
        }
        return addresses
    }
}

extension Erasure {
    /// A job looks for accounts whose grace is over once a minute.
    var job: Job {
        var job = Job("deletion", every: .seconds(60), failure: "accounts could not be erased") { rest in
            let erased = try await eraseDue(rest: rest)
            return Job.Outcome(notice: erased == 0 ? nil : Job.Notice(.info, "erased accounts", ["accounts": erased]))
        }
        job.restPerStep = 5
        job.shortestRest = .milliseconds(1)
        return job
    }
}

extension AuditKind {
    /// An account was erased. The event names its id alone.
    public static let userDeleted = AuditKind("user_deleted")
}
