/// What the services compute with: the time, ids, tokens, password hashes and the rules for text.
public struct Kit: Sendable {
    let clock: any WallClock
    let identifiers: IdentifierGenerator
    let mint: TokenMint
    let routing: RoutingKeys
    let hasher: any PasswordHasher
    let estimator: any PasswordStrengthEstimator
    let rules: any TextRules

    public init(
        clock: any WallClock, cryptography: any TokenCryptography, hasher: any PasswordHasher,
        estimator: any PasswordStrengthEstimator, rules: any TextRules
    ) {
        self.clock = clock
        identifiers = IdentifierGenerator(clock: clock)
        mint = TokenMint(cryptography: cryptography)
        routing = RoutingKeys(cryptography: cryptography)
        self.hasher = hasher
        self.estimator = estimator
        self.rules = rules
    }
}
