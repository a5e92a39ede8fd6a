/// One row of the append-only audit trail. The statement that makes a change writes the event of it.
public struct AuditEvent: Sendable {
    public let id: EventID
    public let kind: AuditKind
    public let origin: RequestOrigin

    public init(id: EventID, kind: AuditKind, origin: RequestOrigin) {
        self.id = id
        self.kind = kind
        self.origin = origin
    }
}

extension IdentifierGenerator {
    /// - Parameter routing: the key of what the event is about; `nil` for a random one.
    func event(_ kind: AuditKind, of routing: RoutingKey? = nil, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: routing.map(event(routing:)) ?? event(), kind: kind, origin: origin)
    }
}
