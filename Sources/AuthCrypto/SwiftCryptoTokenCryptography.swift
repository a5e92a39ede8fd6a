public import AuthCore
import Crypto
import FoundationEssentials

/// SHA-256 and HMAC-SHA-256 of swift-crypto (BoringSSL).
public struct SwiftCryptoTokenCryptography: TokenCryptography {
    public init() {}

    public func sha256(_ octets: Octets32) -> Octets32 {
        octets.withUnsafeBytes { bytes in
            var hash = SHA256()
            hash.update(bufferPointer: bytes)
            return Octets32(hash.finalize())
        }
    }

    public func hmacSHA256(key: Octets32, message: [UInt8]) -> Octets32 {
        Octets32(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key.array)))
    }
}

extension Octets32 {
    /// Both a digest and a MAC of SHA-256 are 32 octets by definition.
    fileprivate init(_ code: some ContiguousBytes) {
        self.init { octets in code.withUnsafeBytes { octets.copyMemory(from: $0) } }
    }
}
