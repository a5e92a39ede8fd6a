import AuthCore

/// The pages about an address.
struct EmailPages: Sendable {
    let emails: Emails

    func pages(_ shared: LinkPages) -> [LinkPage] {
        [
            LinkPage(
                .verifyEmail, shared, opens: "The page of a mailed link that verifies an address: `token`.",
                acts: "Its form: verifies the address.",
                act: { try await emails.verification.verify(token: $0.token, origin: $1) }),
            LinkPage(
                .confirmEmail, shared, opens: "The page of a mailed link that confirms a new address: `token`.",
                acts: "Its form: makes the new address the account\u{2019}s.",
                act: { try await emails.change.confirm(token: $0.token, origin: $1) }),
            LinkPage(
                .undoEmail, shared, opens: "The page of a mailed link that undoes a change of address: `token`.",
                acts: "Its form: gives the account its former address back.",
                act: { try await emails.change.undo(token: $0.token, origin: $1) }),
        ]
    }
}
