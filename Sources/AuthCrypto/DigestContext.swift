import AuthCore
import COpenSSL

/// A context of libcrypto for SHA-256 and HMAC-SHA-256. The algorithms are looked up once, when the context is made.
final class DigestContext: @unchecked Sendable {
    private let algorithm: OpaquePointer
    private let digest: OpaquePointer
    private let mac: OpaquePointer

    /// `nil` if there is no memory, if the configuration of libcrypto does not allow the algorithm, or if its digests have another
    /// length.
    init?(digestName: String) {
        let (algorithm, digest, mac) = (EVP_MD_fetch(nil, digestName, nil), EVP_MD_CTX_new(), Self.mac(digestName))
        guard let algorithm, let digest, let mac, EVP_MD_get_size(algorithm) == 32 else {
            EVP_MAC_CTX_free(mac)
            EVP_MD_CTX_free(digest)
            EVP_MD_free(algorithm)
            return nil
        }
        (self.algorithm, self.digest, self.mac) = (algorithm, digest, mac)
    }

    deinit {
        EVP_MAC_CTX_free(mac)
        EVP_MD_CTX_free(digest)
        EVP_MD_free(algorithm)
    }

    /// `nil` if libcrypto failed, as in the other functions.
    func digest(of octets: Octets32) -> Octets32? {
        octets.withUnsafeBytes { octets in digest(of: octets) }
    }

    func digest(of octets: [UInt8]) -> Octets32? {
        octets.withUnsafeBytes { octets in digest(of: octets) }
    }

    private func digest(of octets: UnsafeRawBufferPointer) -> Octets32? {
        Self.filled { result in
            var length: UInt32 = 0
            return EVP_DigestInit_ex2(digest, algorithm, nil) == 1
                && EVP_DigestUpdate(digest, octets.baseAddress, octets.count) == 1
                && EVP_DigestFinal_ex(digest, result.baseAddress, &length) == 1 && length == 32
        }
    }

    func code(of message: [UInt8], key: Octets32) -> Octets32? {
        Self.filled { result in
            var length = 0
            return key.withUnsafeBytes { EVP_MAC_init(mac, $0.baseAddress, $0.count, nil) } == 1
                && EVP_MAC_update(mac, message, message.count) == 1
                && EVP_MAC_final(mac, result.baseAddress, &length, result.count) == 1 && length == 32
        }
    }

    private static func filled(_ fill: (UnsafeMutableBufferPointer<UInt8>) -> Bool) -> Octets32? {
        var isFilled = false
        let octets = Octets32 { isFilled = fill($0.assumingMemoryBound(to: UInt8.self)) }
        return isFilled ? octets : nil
    }

    private static func mac(_ digestName: String) -> OpaquePointer? {
        guard let hmac = EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
        // From here on the context holds the algorithm.
        defer { EVP_MAC_free(hmac) }
        guard let context = EVP_MAC_CTX_new(hmac) else { return nil }
        guard set(digestName, in: context) else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }

    private static func set(_ digestName: String, in context: OpaquePointer) -> Bool {
        var name = Array(digestName.utf8CString)
        return name.withUnsafeMutableBufferPointer { name in
            let parameters = [OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0), OSSL_PARAM_construct_end()]
            return EVP_MAC_CTX_set_params(context, parameters) == 1
        }
    }
}
