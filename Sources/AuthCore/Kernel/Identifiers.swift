public import FoundationEssentials

/// An id that contains the routing key of its account (``RoutingKey/init(of:)``).
public protocol RoutedID: Hashable, Sendable {
    /// The id as it is stored and written.
    var uuid: UUID { get }
    /// Takes any UUID; what it names is for the database to say.
    init(_ uuid: UUID)
}

extension RoutedID {
    public var routing: RoutingKey { RoutingKey(of: uuid) }

    /// The canonical text of RFC 9562 §4.
    public var text: String { uuid.text }
}

/// The id of an account.
public struct UserID: RoutedID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// The id of a session.
public struct SessionID: RoutedID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// The id of an event of the audit trail.
public struct EventID: RoutedID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}
