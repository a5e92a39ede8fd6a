public import AuthCore
public import AuthMiddleware

/// The pages of all links in mails: one for each ``AuthCore/OneTimeTokenPurpose``.
public struct AccountPages: Sendable {
    public let pages: [LinkPage]
    /// The middleware of all of them.
    public let errors: PageErrors

    /// - Parameter gate: lets a password pass while there is room to hash it.
    public init(_ domain: Domain, _ options: HTTPOptions, gate: PasswordGate) {
        let library = PageLibrary(service: options.service, minimumLength: domain.passwords.minimumLength)
        let shared = LinkPages(library: library, observer: options.observer)
        pages =
            EmailPages(emails: domain.emails).pages(shared) + RecoveryPages(recovery: domain.recovery).pages(shared, gate)
            + RegistrationPages(registration: domain.accounts.registration).pages(shared, gate)
            + DeletionPages(deletion: domain.deletion).pages(shared)
        errors = PageErrors(shared)
    }
}
