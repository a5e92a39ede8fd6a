/// Guesses how long a password would stand against guessing.
public protocol PasswordStrengthEstimator: Sendable {
    /// 0 (guessed at once) to 4 (very strong), as zxcvbn scores. `context` holds words that an attacker would try first.
    func score(of password: String, context: [String]) -> Int
}
