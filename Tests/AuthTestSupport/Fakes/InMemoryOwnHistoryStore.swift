public import AuthCore
import FoundationEssentials

/// The events of the database as one chain. They wait until a test seals them.
public struct InMemoryOwnHistoryStore: OwnHistoryStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func history(
        of user: UserID, after cursor: HistoryCursor?, portion: Int, limit: Int
    ) async throws(AuthError) -> HistoryPortion {
        let now = database.clock.now()
        return try database.run { tables -> HistoryPortion in
            let top = min(cursor?.ceiling ?? .max, Int64(tables.sealedCount))
            var found = HistoryPortion(top: top, bottom: max(0, top - Int64(portion)), start: 0)
            for (index, event) in tables.events.enumerated().reversed() where event.userID == user {
                let position = Int64(index + 1)
                let own = event.own(at: position, sealedAt: index < tables.sealedCount ? now : nil)
                if position > top {
                    let isNext = cursor.map { cursor in cursor.mark.map { mark in own.comes(before: mark) } ?? false } ?? true
                    if isNext, found.recent.count <= limit { found.recent.append(own) }
                } else if position > found.bottom, found.sealed.count <= limit {
                    found.sealed.append(own)
                }
            }
            return found
        }
    }
}

extension OwnEvent {
    fileprivate func comes(before mark: HistoryCursor.Mark) -> Bool {
        (occurredAt, id.text) < (mark.occurredAt, mark.id.text)
    }
}

extension InMemoryDatabase.Event {
    fileprivate func own(at position: Int64, sealedAt: Timestamp?) -> OwnEvent {
        let octets = id.uuid.uuid
        let milliseconds = [octets.0, octets.1, octets.2, octets.3, octets.4, octets.5].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return OwnEvent(
            id: id, type: kind.rawValue, outcome: kind == .loginFailed ? "failure" : "success",
            occurredAt: Timestamp(microseconds: milliseconds * 1000), source: (origin.ip, origin.userAgent, sessionID),
            details: OwnEvent.Details(failures: kind == .loginFailed ? 1 : nil),
            receipt: sealedAt.map { sealedAt in
                OwnEvent.Receipt(
                    chain: id.routing, position: position, volume: 1, sealedAt: sealedAt, hash: String(repeating: "ab", count: 32))
            })
    }
}
