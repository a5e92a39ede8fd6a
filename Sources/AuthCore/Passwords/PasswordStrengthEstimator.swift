/// Estimates how hard a password is to guess.
public protocol PasswordStrengthEstimator: Sendable {
    /// 0 (guessed immediately) to 4 (very strong), as zxcvbn scores. `context` holds words that an attacker would try first.
    func score(of password: String, context: [String]) -> Int
}
