/// Finds the routing key of an address.
struct AddressRouting: Sendable {
    private let cryptography: any TokenCryptography

    init(cryptography: any TokenCryptography) {
        self.cryptography = cryptography
    }

    /// - Throws: ``AuthError/unavailable(cause:)``.
    func key(of email: EmailAddress) throws(AuthError) -> RoutingKey {
        RoutingKey(digest: try cryptography.sha256(Array(email.canonical.utf8)))
    }
}
