public import AuthCore
import CZxcvbn
import Glibc

/// zxcvbn's estimate, with the dictionaries that are built into the library.
public struct ZxcvbnEstimator: PasswordStrengthEstimator {
    public init() {}

    public func score(of password: String, context: [String]) -> Int {
        let words = context.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var dictionary = words.map { UnsafePointer($0) }
        return Self.score(bits: ZxcvbnMatch(password, &dictionary, nil))
    }

    /// zxcvbn's thresholds: 10^3, 10^6, 10^8 and 10^10 guesses, in bits.
    private static func score(bits: Double) -> Int {
        [3.0, 6, 8, 10].count { bits >= $0 * log2(10) }
    }
}
