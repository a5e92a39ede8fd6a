public import AuthCore
import LibPQ

/// One-time tokens in `one_time_tokens`.
public struct PostgresOneTimeTokenStore: OneTimeTokenStore {
    private let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [findToken, countCodeTry]

    static let findToken = PostgresStatement(
        "find_one_time_token", .reads, parameters: ["routing": .int4] + RedeemedToken.parameters,
        sql: """
            SELECT t.user_id, t.email FROM one_time_tokens t
            WHERE t.routing = :routing AND t.id = :token AND \(RedeemedToken.works)
            """)

    public func find(_ token: PresentedOneTimeToken) async throws(AuthError) -> OneTimeTokenSubject? {
        let rows = try await database.run(
            Self.findToken, ["routing": .int4(token.id.routing.value)] + RedeemedToken.values(token), at: .key(token.id.routing))
        return try decoding(Self.findToken) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in
                OneTimeTokenSubject(userID: try row.optionalUUID("user_id").map(UserID.init), email: try row.text("email"))
            }
        }
    }

    /// The condition on `code_tries` is evaluated on the newest version of the row, so parallel tries are counted one after another.
    static let countCodeTry = PostgresStatement(
        "count_code_try", .writes, parameters: ["routing": .int4, "user": .uuid, "purposes": .textArray],
        sql: """
            WITH newest AS (
                SELECT t.id FROM one_time_tokens t
                WHERE t.routing = :routing AND t.user_id = :user AND t.purpose = ANY (:purposes) AND t.ended_at IS NULL
                  AND t.code_expires_at > now()
                ORDER BY t.created_at DESC, t.id DESC
                LIMIT 1
            )
            UPDATE one_time_tokens t SET code_tries = t.code_tries + 1
            FROM newest
            WHERE t.routing = :routing AND t.id = newest.id AND t.ended_at IS NULL AND t.code_tries < 5
            RETURNING t.id, t.purpose, t.digest, t.code_hash
            """)

    public func countCodeTry(of user: UserID, _ purposes: [OneTimeTokenPurpose]) async throws(AuthError) -> CodeAttempt? {
        let rows = try await database.run(
            Self.countCodeTry,
            ["routing": .int4(user.routing.value), "user": .uuid(user.uuid), "purposes": .textArray(purposes.map(\.rawValue))],
            at: .key(user.routing))
        return try decoding(Self.countCodeTry) { () throws(PostgresError) in try rows.first.map(CodeAttempt.init) }
    }
}

extension CodeAttempt {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        guard let purpose = OneTimeTokenPurpose(rawValue: try row.text("purpose")) else { throw .decoding("column purpose: unknown") }
        self.init(
            token: PresentedOneTimeToken(id: OneTimeTokenID(try row.uuid("id")), digest: try row.octets32("digest"), purpose: purpose),
            codeHash: PasswordHash(phc: try row.text("code_hash")))
    }
}
