import AuthCore
import LibPQ

/// What several nouns need of the row of an account.
enum AccountRow {
    static let statements = [lockAccount, findAddress]

    /// A transaction that begins with it runs after the others on the account, and sees what they did.
    static let lockAccount = PostgresStatement(
        "lock_account", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: "SELECT FROM users WHERE routing = :routing AND id = :user FOR NO KEY UPDATE")

    static func lock(_ user: UserID) -> BoundStatement {
        BoundStatement(lockAccount, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)])
    }

    /// The account that has an address now. An address that is held for a former owner has none.
    static let findAddress = PostgresStatement(
        "find_address", .reads, parameters: ["address": .text],
        sql: """
            SELECT e.user_id FROM user_emails e
            WHERE e.routing = address_routing(:address) AND e.address = :address AND e.held_until IS NULL
            """)
}
