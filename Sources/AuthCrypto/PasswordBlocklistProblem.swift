/// Why a file cannot be used as a list of stolen passwords.
public struct PasswordBlocklistProblem: Error, Equatable {
    /// Completes a sentence that begins with the file.
    public let reason: String

    static let absent = PasswordBlocklistProblem(reason: "is not there")
    static let unreadable = PasswordBlocklistProblem(reason: "cannot be read by this user")
    static let noFile = PasswordBlocklistProblem(reason: "is not a regular file")
    static let noList = PasswordBlocklistProblem(reason: "is not a list of digests: make it with script/make-blocklist")
    static let unsorted = PasswordBlocklistProblem(reason: "is not in ascending order: make it with script/make-blocklist")

    static func otherVersion(_ version: UInt64) -> PasswordBlocklistProblem {
        PasswordBlocklistProblem(
            reason: "has version \(version) of the format, which this release cannot read: make it again with script/make-blocklist")
    }

    static func otherSize(_ size: Int, than expected: Int) -> PasswordBlocklistProblem {
        PasswordBlocklistProblem(
            reason: "has \(size) octets, but its header says \(expected): it was not written or copied to its end")
    }

    static func noDigest(_ algorithm: DigestAlgorithm) -> PasswordBlocklistProblem {
        PasswordBlocklistProblem(reason: "has digests that libcrypto does not compute on this machine (\(algorithm))")
    }
}
