import AuthCore
import LibPQ

/// Addresses whose account is gone. One PostgreSQL has none, because a foreign key forbids them. With Citus the deletion of an account and
/// the release of its address may be two transactions, and the server may end between them.
struct OrphanedAddresses: Sendable {
    let database: PostgresDatabase

    /// Releases the address if its account is gone.
    ///
    /// - Returns: whether it released the address.
    func release(_ email: EmailAddress) async throws(AuthError) -> Bool {
        guard database.isDistributed, let owner = try await owner(of: email) else { return false }
        let rows = try await database.run(
            PostgresAccountStore.findCredentials, ["routing": .int4(owner.routing.value), "user": .uuid(owner.uuid)],
            at: .key(owner.routing))
        guard rows.isEmpty else { return false }
        _ = try await database.run([PostgresAccountAdministrationStore.release(email, of: owner)], at: .address(email))
        return true
    }

    private func owner(of email: EmailAddress) async throws(AuthError) -> UserID? {
        let rows = try await database.run(
            AccountRow.findAddress, ["address": .text(email.canonical)], at: .address(email))
        return try decoding(AccountRow.findAddress) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in UserID(try row.uuid("user_id")) }
        }
    }
}
