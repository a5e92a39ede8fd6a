/// The history of an account from the audit trail, for its owner: the events of the account, newest first.
///
/// It has the events that the account's chain has. An event with another routing key than the account is not listed, such as a failed login
/// with an address that had no account then.
public struct OwnHistory: Sendable {
    /// Some events of an account, and where the next page begins.
    public struct Page: Sendable {
        /// The events that are not sealed yet, newest first, then the sealed ones, from the end of the chain. A page may have fewer events
        /// than were asked for, or none, although another one follows.
        public let events: [OwnEvent]
        /// `nil` on the last page.
        public let next: HistoryCursor?
    }

    public static let pageSizes = 1...100
    /// The most positions of the chain that one page looks at. The trail has no index by account, and other accounts are in the chain too.
    static let portion = 5000

    private let store: any OwnHistoryStore

    init(store: any OwnHistoryStore) {
        self.store = store
    }

    /// Events that happen between two pages move no other event. Each event is on one page, whether it is sealed meanwhile or not.
    ///
    /// - Parameter cursor: ``Page/next`` of the page before; `nil` for the first page.
    /// - Throws: ``AuthError/unavailable(cause:)``.
    public func page(for current: AuthenticatedSession, after cursor: HistoryCursor?, size: Int) async throws(AuthError) -> Page {
        let found = try await store.history(of: current.user.id, after: cursor, portion: Self.portion, limit: size)
        if found.recent.count > size {
            let events = Array(found.recent.prefix(size))
            return Page(events: events, next: HistoryCursor(ceiling: found.top, mark: events.last.map(HistoryCursor.Mark.init)))
        }
        let sealed = found.sealed.prefix(size - found.recent.count)
        return Page(events: found.recent + sealed, next: next(after: sealed.last, found))
    }

    private func next(after last: OwnEvent?, _ found: HistoryPortion) -> HistoryCursor? {
        let isCut = (last == nil && !found.sealed.isEmpty) || last != nil && found.sealed.last != last
        if isCut { return HistoryCursor(ceiling: last?.receipt.map { receipt in receipt.position - 1 } ?? found.top) }
        return found.bottom > found.start ? HistoryCursor(ceiling: found.bottom) : nil
    }
}

/// The audit trail, for the owner of an account.
public protocol OwnHistoryStore: Sendable {
    /// The next events of an account.
    ///
    /// - Parameters:
    ///   - portion: how many positions of the chain it looks at, at most.
    ///   - limit: how many events are wanted. It returns at most one more of each kind.
    func history(of user: UserID, after cursor: HistoryCursor?, portion: Int, limit: Int) async throws(AuthError) -> HistoryPortion
}

/// What one look into the trail found for an account.
public struct HistoryPortion: Sendable {
    /// Events that were not sealed when the first page was made, newest first.
    public var recent: [OwnEvent] = []
    /// The other events, from the highest position to the lowest.
    public var sealed: [OwnEvent] = []
    /// The highest position that it looked at. On later pages it is not above the ceiling of the cursor.
    public let top: Int64
    /// It did not look at this position, nor at those below it.
    public let bottom: Int64
    /// The position before the first event that the chain still has.
    public let start: Int64

    /// A portion without events.
    public init(top: Int64, bottom: Int64, start: Int64) {
        (self.top, self.bottom, self.start) = (top, bottom, start)
    }
}

extension HistoryCursor.Mark {
    fileprivate init(_ event: OwnEvent) {
        self.init(occurredAt: event.occurredAt, id: event.id)
    }
}
