/// The two primitives that tokens are made of.
///
/// Both throw ``AuthError/unavailable(cause:)`` if the library fails. The caller then knows nothing about the token.
public protocol TokenCryptography: Sendable {
    /// SHA-256 (FIPS 180-4).
    func sha256(_ octets: Octets32) throws(AuthError) -> Octets32
    /// SHA-256 of any number of octets.
    func sha256(_ octets: [UInt8]) throws(AuthError) -> Octets32
    /// HMAC-SHA-256 (RFC 2104).
    func hmacSHA256(key: Octets32, message: [UInt8]) throws(AuthError) -> Octets32
}

extension RoutingKeys {
    /// - Parameter cryptography: computes the digests.
    public init(cryptography: any TokenCryptography) {
        self.init { octets throws(AuthError) in try cryptography.sha256(octets) }
    }
}
