/// Everything that the service stores about an account, for its owner. It has no secrets: no password hash and no digests.
public struct AccountExport: Sendable {
    /// A JSON object: `account`, `sessions`, `mails`, each with what the database has.
    public let stored: String
    /// The history of the account from the audit trail, newest first.
    public let events: [OwnEvent]
    /// Where the rest of a long history begins; `nil` if all of it is here.
    public let next: HistoryCursor?
}

extension Profiles {
    /// The most pages of history in one export. Each looks at some thousand events.
    private static let pages = 20

    /// - Throws: ``AuthError/insufficientAuthentication(maxAge:)``, ``AuthError/invalidToken`` if the account is gone,
    ///   ``AuthError/unavailable(cause:)``.
    public func export(for session: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) -> AccountExport {
        try await recent.require(session.session.id)
        let user = session.user.id
        let event = kit.identifiers.event(.accountExported, of: user.routing, origin)
        guard let stored = try await store.export(user, event: event) else { throw .invalidToken }
        var events: [OwnEvent] = []
        var next: HistoryCursor?
        for _ in 0..<Self.pages {
            let page = try await history.page(for: session, after: next, size: OwnHistory.pageSizes.upperBound)
            events += page.events
            next = page.next
            if next == nil { break }
        }
        return AccountExport(stored: stored, events: events, next: next)
    }
}

extension AuditKind {
    public static let accountExported = AuditKind("account_exported")
}
