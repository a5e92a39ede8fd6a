import AuthCore

/// An event of the account in an answer.
struct OwnEventBody: Encodable {
    let event: OwnEvent

    enum CodingKeys: String, CodingKey {
        case id, type, outcome, ip, details, receipt
        case occurredAt = "occurred_at"
        case userAgent = "user_agent"
        case sessionID = "session_id"
    }

    init(_ event: OwnEvent) {
        self.event = event
    }

    /// By hand, so that an absent value is null and not an absent member.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(event.id.text, forKey: .id)
        try container.encode(event.type, forKey: .type)
        try container.encode(event.outcome, forKey: .outcome)
        try container.encode(event.occurredAt.description, forKey: .occurredAt)
        try container.encode(event.ip, forKey: .ip)
        try container.encode(event.userAgent, forKey: .userAgent)
        try container.encode(event.sessionID?.text, forKey: .sessionID)
        try container.encode(Details(event.details), forKey: .details)
        try container.encode(event.receipt.map(Receipt.init), forKey: .receipt)
    }
}

extension OwnEventBody {
    /// An absent value is an absent member: most events have none of them.
    private struct Details: Encodable {
        let reason: String?
        let count: Int64?
        let failures: Int64?
        let renewals: Int64?

        init(_ details: OwnEvent.Details) {
            (reason, count) = (details.reason, details.count)
            (failures, renewals) = (details.failures, details.renewals)
        }
    }

    private struct Receipt: Encodable {
        let chain: Int32
        let position: Int64
        let volume: Int32
        let sealedAt: String
        let hash: String

        enum CodingKeys: String, CodingKey {
            case chain, position, volume, hash
            case sealedAt = "sealed_at"
        }

        init(_ receipt: OwnEvent.Receipt) {
            (chain, position, volume) = (receipt.chain.value, receipt.position, receipt.volume)
            (sealedAt, hash) = (receipt.sealedAt.description, receipt.hash)
        }
    }
}
