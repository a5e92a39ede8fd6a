import AuthCore
import AuthMiddleware

/// The pages that make an account.
struct RegistrationPages: Sendable {
    let registration: Registration

    func pages(_ shared: LinkPages, _ gate: PasswordGate) -> [LinkPage] {
        [
            page(.confirmRegistration, shared, gate, opens: "The page of a mailed link that finishes a registration: `token`."),
            page(.acceptInvitation, shared, gate, opens: "The page of a mailed link that accepts an invitation: `token`."),
        ]
    }

    private func page(_ purpose: OneTimeTokenPurpose, _ shared: LinkPages, _ gate: PasswordGate, opens: String) -> LinkPage {
        LinkPage(
            purpose, shared, opens: opens, acts: "Its form: creates the account.", gate: gate,
            act: { entry, origin in
                _ = try await registration.finish(
                    token: entry.token, as: purpose, password: entry.password, confirmation: entry.confirmation, locale: entry.locale,
                    origin: origin)
            })
    }
}
