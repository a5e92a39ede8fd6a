import AuthCore
import LibPQ

/// Changes of an address with Citus, where an address and its account may be on two nodes. Each step is a transaction. If the server ends
/// between two steps, both addresses find the account, and an operator's `auth-api user rename` does the rest.
extension PostgresEmailStore {
    static let stepStatements = [holdOthers, releaseOthers]

    static let holdOthers = PostgresStatement(
        "hold_other_addresses", .writes, parameters: ["routing": .int4, "user": .uuid, "address": .text, "hold": .int8],
        sql: """
            UPDATE user_emails e SET held_until = now() + :hold * interval '1 microsecond'
            WHERE e.account_routing = :routing AND e.user_id = :user AND e.held_until IS NULL AND e.address <> :address
            """)

    static let releaseOthers = PostgresStatement(
        "release_other_addresses", .writes, parameters: ["routing": .int4, "user": .uuid, "address": .text],
        sql: """
            DELETE FROM user_emails e
            WHERE e.account_routing = :routing AND e.user_id = :user AND e.held_until IS NULL AND e.address <> :address
            """)

    func changeInSteps(_ change: EmailChangeOrder, _ statement: BoundStatement) async throws(AuthError) {
        guard try await claim(change.email, for: change.user) else {
            throw try await PostgresOneTimeTokenStore(database: database).find(change.token) == nil ? .invalidOneTimeToken : .emailTaken
        }
        do throws(AuthError) {
            try await run(statement, of: change.user)
        } catch {
            try? await unclaim(change.email, of: change.user)
            throw error
        }
        _ = try await database.runOnAllShards(
            Self.holdOthers, Self.key(change.user, change.email) + ["hold": .microseconds(change.hold)])
    }

    func undoInSteps(_ undo: EmailUndoOrder, _ statement: BoundStatement) async throws(AuthError) {
        guard try await PostgresOneTimeTokenStore(database: database).find(undo.token) != nil else { throw .invalidOneTimeToken }
        let own = try await database.run(
            Self.findOwnAddress, ["address": .text(undo.email.canonical), "user": .uuid(undo.user.uuid)], at: .address(undo.email))
        guard !own.isEmpty else { throw .invalidOneTimeToken }
        guard try await claim(undo.email, for: undo.user) else { throw .emailTaken }
        try await run(statement, of: undo.user)
        _ = try await database.runOnAllShards(Self.releaseOthers, Self.key(undo.user, undo.email))
    }

    private func claim(_ email: EmailAddress, for user: UserID) async throws(AuthError) -> Bool {
        try await PostgresAccountAdministrationStore(database: database).claim(email, for: user)
    }

    /// Frees the address that a failed change has claimed, unless it is the account's.
    private func unclaim(_ email: EmailAddress, of user: UserID) async throws(AuthError) {
        let rows = try await database.run(
            PostgresMailStore.findMailAccount, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)], at: .key(user.routing))
        let current = try decoding(PostgresMailStore.findMailAccount) { () throws(PostgresError) in try rows.first?.text("email") }
        guard let current, !current.hasSameOctets(as: email.text) else { return }
        _ = try await database.run([PostgresAccountAdministrationStore.release(email, of: user)], at: .address(email))
    }

    private static func key(_ user: UserID, _ email: EmailAddress) -> PostgresNamed<PostgresValue> {
        ["routing": .int4(user.routing.value), "user": .uuid(user.uuid), "address": .text(email.canonical)]
    }
}
