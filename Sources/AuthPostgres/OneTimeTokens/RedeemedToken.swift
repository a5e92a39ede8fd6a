import AuthCore
import LibPQ

/// The common table expressions by which a statement redeems a one-time token, or ends others.
enum RedeemedToken {
    static let parameters: PostgresNamed<PostgresType> = ["token": .uuid, "token_digest": .bytea, "token_purpose": .text]

    static func values(_ token: PresentedOneTimeToken) -> PostgresNamed<PostgresValue> {
        [
            "token": .uuid(token.id.uuid), "token_digest": .octets(token.digest), "token_purpose": .text(token.purpose.rawValue),
        ]
    }

    /// A token that works, in the words of SQL.
    static let works = "t.purpose = :token_purpose AND t.digest = :token_digest AND t.ended_at IS NULL AND t.expires_at > now()"

    /// Redeems the token. Of several transactions that do this at the same time, one gets the row: the others wait for it, and then see
    /// that the token has ended.
    static let redeemed = """
        redeemed AS (
            UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'redeemed'
            WHERE t.routing = :routing AND t.id = :token AND \(works)
            RETURNING t.user_id, t.email, t.address
        )
        """

    /// Ends the account's tokens of some purposes, except the one that is redeemed.
    ///
    /// - Parameters:
    ///   - purposes: as text of SQL.
    ///   - account: the table expression with the account's id.
    static func revoked(_ purposes: [OneTimeTokenPurpose], of account: String, except token: String? = ":token") -> String {
        let list = purposes.map { purpose in "'\(purpose.rawValue)'" }.joined(separator: ", ")
        return """
            revoked AS (
                UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'revoked'
                FROM \(account)
                WHERE t.routing = :routing AND t.user_id = \(account).id AND t.ended_at IS NULL AND t.purpose IN (\(list))
                  \(token.map { token in "AND t.id <> \(token)" } ?? "")
            )
            """
    }

    /// What a new password or a new address ends: everything that could set another one.
    static let ofCredentials: [OneTimeTokenPurpose] = [.resetPassword, .confirmEmail]
}
