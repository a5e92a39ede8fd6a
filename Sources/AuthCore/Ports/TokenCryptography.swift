/// The two primitives that tokens are made of.
public protocol TokenCryptography: Sendable {
    /// SHA-256 (FIPS 180-4).
    func sha256(_ octets: Octets32) -> Octets32
    /// HMAC-SHA-256 (RFC 2104).
    func hmacSHA256(key: Octets32, message: [UInt8]) -> Octets32
}
