import AuthCore
import AuthMiddleware

/// The pages for a forgotten password, and for "this wasn't me".
struct RecoveryPages: Sendable {
    let recovery: Recovery

    func pages(_ shared: LinkPages, _ gate: PasswordGate) -> [LinkPage] {
        [
            LinkPage(
                .resetPassword, shared, opens: "The page of a mailed link that resets the password: `token`.",
                acts: "Its form: sets the new password.", gate: gate,
                act: {
                    try await recovery.reset(token: $0.token, password: $0.password, confirmation: $0.confirmation, origin: $1)
                }),
            LinkPage(
                .secureAccount, shared, opens: "The page of a mailed link for \u{201C}this wasn\u{2019}t me\u{201D}: `token`.",
                acts: "Its form: ends all sessions, and the password must be reset.",
                act: { try await recovery.secure(token: $0.token, origin: $1) }),
        ]
    }
}
