public import AuthCore
import COpenSSL
import NIOConcurrencyHelpers

/// Stolen passwords, as SHA-1 or SHA-256 digests of their UTF-8 in a file of `script/make-blocklist`.
///
/// The file stays on the disk, and the kernel keeps in memory what was read of it. Look-ups wait for each other only while they fetch the
/// reference to the open file.
public final class PasswordBlocklistFile: PasswordBlocklist {
    private let path: String
    private let latest: NIOLockedValueBox<DigestList>

    /// - Throws: ``PasswordBlocklistProblem`` if the file is not such a list.
    public init(path: String) throws(PasswordBlocklistProblem) {
        self.path = path
        latest = NIOLockedValueBox(try Self.open(path))
    }

    /// Opens the file again. If it is not a list, the former one stays in use.
    ///
    /// - Throws: ``PasswordBlocklistProblem``.
    public func reload() throws(PasswordBlocklistProblem) {
        let list = try Self.open(path)
        // The former list is closed after its last look-up, and not under the lock.
        _ = latest.withLockedValue { latest in
            defer { latest = list }
            return latest
        }
    }

    /// The number of passwords in the list.
    public var count: Int { latest.withLockedValue { $0.header.count } }

    public func contains(_ text: String) throws(AuthError) -> Bool {
        let list = latest.withLockedValue { $0 }
        guard let digest = list.header.algorithm.digest(of: text) else {
            throw .unavailable(cause: "libcrypto computes no \(list.header.algorithm)")
        }
        return list.contains(digest)
    }

    private static func open(_ path: String) throws(PasswordBlocklistProblem) -> DigestList {
        let list = try DigestList(path: path)
        guard list.header.algorithm.digest(of: "") != nil else { throw .noDigest(list.header.algorithm) }
        return list
    }
}

extension DigestAlgorithm {
    /// The digest of the text's UTF-8; `nil` if libcrypto failed.
    func digest(of text: String) -> [UInt8]? {
        let name =
            switch self {
            case .sha1: "SHA1"
            case .sha256: "SHA256"
            }
        var digest = [UInt8](repeating: 0, count: rawValue)
        var length = 0
        let octets = Array(text.utf8)
        guard EVP_Q_digest(nil, name, nil, octets, octets.count, &digest, &length) == 1, length == rawValue else { return nil }
        return digest
    }
}
