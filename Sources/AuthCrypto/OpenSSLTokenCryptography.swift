public import AuthCore
import NIOConcurrencyHelpers

/// SHA-256 and HMAC-SHA-256 of OpenSSL's libcrypto.
///
/// Contexts are kept for the next caller: making one for each call costs more than the digest itself.
public struct OpenSSLTokenCryptography: TokenCryptography {
    private let digestName: String
    private let idle = NIOLockedValueBox<[DigestContext]>([])

    public init() { self.init(digestName: "SHA256") }

    init(digestName: String) { self.digestName = digestName }

    public func sha256(_ octets: Octets32) throws(AuthError) -> Octets32 {
        try withContext { $0.digest(of: octets) }
    }

    public func sha256(_ octets: [UInt8]) throws(AuthError) -> Octets32 {
        try withContext { $0.digest(of: octets) }
    }

    public func hmacSHA256(key: Octets32, message: [UInt8]) throws(AuthError) -> Octets32 {
        try withContext { $0.code(of: message, key: key) }
    }

    /// A context belongs to one caller at a time. A context that failed is not used again.
    private func withContext(_ compute: (DigestContext) -> Octets32?) throws(AuthError) -> Octets32 {
        let kept = idle.withLockedValue { $0.popLast() }
        guard let context = kept ?? DigestContext(digestName: digestName), let result = compute(context) else {
            throw .unavailable(cause: "libcrypto computes no \(digestName)")
        }
        idle.withLockedValue { $0.append(context) }
        return result
    }
}
