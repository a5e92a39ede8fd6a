/// Takes a person out of the audit trail: the IP address, the user agent and the details of each event that is of the account, or that
/// names one of its addresses. The rest of the event stays, and `auth-api audit verify` tells an erased event from a changed one.
public struct AuditErasure: Sendable {
    /// The most events of one step. A chain cannot be sealed during a step of it. A full step takes some milliseconds.
    static let stepSize = 2000

    private let store: any AuditErasureStore
    private let identifiers: IdentifierGenerator
    private let routing: RoutingKeys

    init(store: any AuditErasureStore, identifiers: IdentifierGenerator, routing: RoutingKeys) {
        (self.store, self.identifiers, self.routing) = (store, identifiers, routing)
    }

    /// Goes through the chain of the account and the chains of the addresses, in short steps. Erasing again finds nothing.
    ///
    /// An event that commits later is not found. So delete the account first, and erase when the requests of that time have ended.
    ///
    /// - Parameters:
    ///   - addresses: the address of the account, and the earlier ones that are known.
    ///   - rest: called between two steps with the time that the step took.
    /// - Returns: how many events were erased.
    /// - Throws: what `rest` throws, and ``AuthError/unavailable(cause:)``. What was erased by then stays erased.
    @discardableResult
    public func erase(_ user: UserID, addresses: [EmailAddress], rest: Job.Rest = { _ in }) async throws -> Int {
        var erased = 0
        for chain in try chains(of: user, addresses) {
            var position: Int64? = 0
            while let reached = position {
                let start = ContinuousClock.now
                let step = try await store.erase(
                    user, addresses: addresses, in: chain, after: reached, limit: Self.stepSize, event: identifiers.event(routing: chain))
                erased += step.erased
                position = step.reached
                if position != nil { try await rest(.now - start) }
            }
        }
        return erased
    }

    private func chains(of user: UserID, _ addresses: [EmailAddress]) throws(AuthError) -> [RoutingKey] {
        var chains = [user.routing]
        for address in addresses {
            let chain = try routing.key(of: address)
            if !chains.contains(chain) { chains.append(chain) }
        }
        return chains
    }
}

/// The audit trail, for the one change of it that is allowed.
public protocol AuditErasureStore: Sendable {
    /// Erases in the next events of a chain, and in its pending events after the last one. If something was erased, it also writes an event
    /// with the number.
    ///
    /// - Parameters:
    ///   - position: ``ErasureStep/reached`` of the step before; 0 to begin.
    ///   - limit: how many events the step looks at.
    ///   - event: the id of the event that it writes.
    /// - Throws: ``AuthError/unavailable(cause:)``, also if the chain was locked for longer than a second.
    func erase(
        _ user: UserID, addresses: [EmailAddress], in chain: RoutingKey, after position: Int64, limit: Int, event: EventID
    ) async throws(AuthError) -> ErasureStep
}

/// What one step of an erasure did.
public struct ErasureStep: Hashable, Sendable {
    /// How many events were erased.
    public let erased: Int
    /// The position where the next step begins; `nil` after the last step of the chain.
    public let reached: Int64?

    /// - Parameter reached: the position where the next step begins; `nil` after the last step of the chain.
    public init(erased: Int, reached: Int64?) {
        (self.erased, self.reached) = (erased, reached)
    }
}

extension AuditKind {
    /// Personal fields of events were erased. The function `audit.erase` of the database writes this event.
    public static let eventsErased = AuditKind("audit_events_erased")
}
