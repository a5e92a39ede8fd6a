import AuthCore

/// An account in an answer.
struct UserBody: Encodable {
    let id: String
    let email: String
    let createdAt: String

    enum CodingKeys: String, CodingKey {
        case id, email
        case createdAt = "created_at"
    }

    init(_ user: User) {
        id = user.id.text
        email = user.email
        createdAt = user.createdAt.description
    }
}
