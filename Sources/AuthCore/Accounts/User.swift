/// An account as its owner sees it.
public struct User: Hashable, Sendable {
    public let id: UserID
    public let email: String
    public let createdAt: Timestamp

    public init(id: UserID, email: String, createdAt: Timestamp) {
        self.id = id
        self.email = email
        self.createdAt = createdAt
    }
}
