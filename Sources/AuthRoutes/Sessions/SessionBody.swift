import AuthCore

/// A session in an answer.
struct SessionBody: Encodable {
    let session: Session
    let isCurrent: Bool

    enum CodingKeys: String, CodingKey {
        case id, name, ip, current
        case createdAt = "created_at"
        case lastSeenAt = "last_seen_at"
        case expiresAt = "expires_at"
        case idleExpiresAt = "idle_expires_at"
        case userAgent = "user_agent"
    }

    init(_ session: Session, isCurrent: Bool) {
        self.session = session
        self.isCurrent = isCurrent
    }

    /// By hand, so that an absent value is null and not an absent member.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(session.id.text, forKey: .id)
        try container.encode(session.name, forKey: .name)
        try container.encode(session.createdAt.description, forKey: .createdAt)
        try container.encode(session.lastSeenAt.description, forKey: .lastSeenAt)
        try container.encode(session.expiresAt.description, forKey: .expiresAt)
        try container.encode(session.idleExpiresAt.description, forKey: .idleExpiresAt)
        try container.encode(session.ip, forKey: .ip)
        try container.encode(session.userAgent, forKey: .userAgent)
        try container.encode(isCurrent, forKey: .current)
    }
}
