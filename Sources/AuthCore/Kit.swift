/// What the services compute with: the time, ids, tokens, password hashes, the rules for text, and the
/// passwords that nobody may choose.
public struct Kit: Sendable {
    let clock: any WallClock
    let identifiers: IdentifierGenerator
    let mint: TokenMint
    let routing: RoutingKeys
    let hasher: any PasswordHasher
    let estimator: any PasswordStrengthEstimator
    let rules: any TextRules
    /// `nil` if the operator gave none.
    let blocklist: (any PasswordBlocklist)?

    public init(
        clock: any WallClock, cryptography: any TokenCryptography, hasher: any PasswordHasher,
        estimator: any PasswordStrengthEstimator, rules: any TextRules, blocklist: (any PasswordBlocklist)? = nil
    ) {
        self.clock = clock
        identifiers = IdentifierGenerator(clock: clock)
        mint = TokenMint(cryptography: cryptography)
        routing = RoutingKeys(cryptography: cryptography)
        self.hasher = hasher
        self.estimator = estimator
        self.rules = rules
        self.blocklist = blocklist
    }
}
