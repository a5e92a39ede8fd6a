import AuthCore

/// The page that keeps an account.
struct DeletionPages: Sendable {
    let deletion: Deletion

    func pages(_ shared: LinkPages) -> [LinkPage] {
        [
            LinkPage(
                .restoreAccount, shared, opens: "The page of a mailed link that keeps an account: `token`.",
                acts: "Its form: the account is not deleted.",
                act: { try await deletion.restore(token: $0.token, origin: $1) })
        ]
    }
}
