/// A place where the audit trail differs from what was sealed.
public enum AuditFinding: Hashable, Sendable {
    case chainsMissing(Int)
    case eventsMissing(RoutingKey, ClosedRange<Int64>)
    /// An event has a position that another event has or had.
    case eventInserted(RoutingKey, Int64)
    /// The event, or the hash before it, differs from what was sealed.
    case eventChanged(RoutingKey, Int64)
    /// The chain does not end with the event that the database names as its end.
    case endChanged(RoutingKey, Int64)
    /// The events up to this one were removed before they were old enough.
    case removedTooSoon(RoutingKey, Int64)
    /// The chains do not hold the head that was kept elsewhere.
    case otherTrail(SealHead)
}

extension AuditFinding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .chainsMissing(let count): "\(count) of the \(RoutingKey.count) chains are missing"
        case .eventsMissing(let chain, let range) where range.lowerBound == range.upperBound:
            "\(chain): event \(range.lowerBound) is missing"
        case .eventsMissing(let chain, let range): "\(chain): the events \(range.lowerBound) to \(range.upperBound) are missing"
        case .eventInserted(let chain, let position): "\(chain): event \(position) was inserted"
        case .eventChanged(let chain, let position): "\(chain): event \(position), or the hash before it, is not what was sealed"
        case .endChanged(let chain, let position): "\(chain): its end, event \(position), is not what was sealed"
        case .removedTooSoon(let chain, let position):
            "\(chain): the events up to \(position) were removed, as if by age, before AUDIT_RETENTION was over"
        case .otherTrail(let head):
            "the trail does not hold the head \(head): it was cut or written anew, or the head is older than AUDIT_RETENTION"
        }
    }
}

extension RoutingKey: CustomStringConvertible {
    public var description: String { "chain \(value)" }
}
