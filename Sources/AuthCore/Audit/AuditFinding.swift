/// Where the audit trail is not what was sealed.
public enum AuditFinding: Hashable, Sendable {
    case noChain
    case sealsMissing(ClosedRange<Int64>)
    /// The seal's own words, or the one before it, are not those that it was made of.
    case sealChanged(SealedRange)
    /// Events of the range were changed, removed or inserted.
    case eventsDiffer(SealedRange)
    /// Events were removed that had not the age for it.
    case removedTooSoon(SealedRange)
    /// The chain does not hold the seal that was kept elsewhere.
    case otherChain(SealHead)
    /// Events that claim to be of a transaction that has not begun.
    case fromTheFuture(Int64)
}

extension AuditFinding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noChain: "there is no seal at all"
        case .sealsMissing(let numbers):
            "the seals \(numbers.lowerBound) to \(numbers.upperBound) are missing"
        case .sealChanged(let range):
            "\(range) is not what it was made of: it or one before it was changed"
        case .eventsDiffer(let range) where range.found < range.events:
            "\(range): \(range.found) events where \(range.events) were sealed: some were removed"
        case .eventsDiffer(let range) where range.found > range.events || range.removal != nil:
            "\(range): \(range.found) events where \(range.events) were sealed: some were inserted"
        case .eventsDiffer(let range): "\(range): its \(range.events) events are not those that were sealed: some were changed"
        case .removedTooSoon(let range):
            "\(range): its \(range.events) events were removed, as if by age, before AUDIT_RETENTION was over"
        case .otherChain(let head): "no seal of the chain is \(head): the chain was cut or written anew"
        case .fromTheFuture(let count): "\(count) events claim to be of transactions that have not begun"
        }
    }
}

extension SealedRange: CustomStringConvertible {
    public var description: String {
        "seal \(head.number) (positions \(positions.lowerBound) to \(positions.upperBound), until \(lastAt?.description ?? "no time"), "
            + "sealed at \(sealedAt))"
    }
}
