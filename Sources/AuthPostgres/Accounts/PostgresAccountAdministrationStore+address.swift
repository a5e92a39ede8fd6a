import AuthCore
import LibPQ

/// Changes of an address with Citus, where an address and its account may be on two nodes. Each step is a transaction. If the server ends
/// between two steps, the old address and the new one both find the account, and the same command does the remaining steps.
extension PostgresAccountAdministrationStore {
    static let addressStatements = [claimAddress, changeEmail]

    /// Gives an address to an account, unless the address has an owner. It returns the owner of the address after that.
    static let claimAddress = PostgresStatement(
        "claim_address", .writes, parameters: ["address": .text, "routing": .int4, "user": .uuid],
        sql: """
            WITH claimed AS (
                INSERT INTO user_emails AS e (routing, address, user_id, account_routing)
                VALUES (address_routing(:address), :address, :user, :routing)
                -- So the row of the owner is returned, whoever that is. An address that is held for this account is its own again.
                ON CONFLICT (address, routing) DO UPDATE
                SET held_until = CASE WHEN e.user_id <> excluded.user_id THEN e.held_until END
                RETURNING user_id, xmax = 0 AS is_new
            ), counted AS (
                -- What strangers tried at the address before must not keep its owner out.
                DELETE FROM login_failures
                WHERE routing = address_routing(:address) AND address = :address AND EXISTS (SELECT FROM claimed WHERE is_new)
            )
            SELECT user_id FROM claimed
            """)

    static let changeEmail = change(
        "change_email", email: ":new_address", details: "'before', :address", parameters: ["new_address": .text, "new_email": .text],
        """
        account AS (
            UPDATE users SET email = :new_email, email_verified_at = NULL WHERE routing = :routing AND id = :user RETURNING id
        )
        """)

    /// - Returns: `false` if another account has the address, or this account is gone.
    func renameInSteps(
        _ user: UserID, to email: EmailAddress, note: AdministrationNote, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        guard try await claim(email, for: user) else { return false }
        let isChanged = try await run(
            Self.changeEmail, user, note, event, ["new_address": .text(email.canonical), "new_email": .text(email.text)])
        let unused = isChanged ? note.email : email
        if !isChanged || !email.canonical.hasSameOctets(as: note.email.canonical) {
            _ = try await database.run([Self.release(unused, of: user)], at: .address(unused))
        }
        return isChanged
    }

    func claim(_ email: EmailAddress, for user: UserID) async throws(AuthError) -> Bool {
        let addresses = OrphanedAddresses(database: database)
        _ = try await database.run([Self.freeing(email, for: user)], at: .address(email))
        repeat {
            let rows = try await database.run(
                Self.claimAddress,
                ["address": .text(email.canonical), "routing": .int4(user.routing.value), "user": .uuid(user.uuid)], at: .address(email))
            let owner = try decoding(Self.claimAddress) { () throws(PostgresError) in
                try rows.first.map { row throws(PostgresError) in UserID(try row.uuid("user_id")) }
            }
            if owner == user { return true }
        } while try await addresses.release(email)
        return false
    }
}
