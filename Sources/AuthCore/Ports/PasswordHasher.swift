/// What a password verification found.
public struct PasswordVerdict: Sendable, Hashable {
    public let matches: Bool
    /// The password is right and its hash was made with weaker parameters than today's.
    public let needsRehash: Bool

    public init(matches: Bool, needsRehash: Bool) {
        self.matches = matches
        self.needsRehash = needsRehash
    }
}

/// Memory-hard password hashing on bounded threads behind a queue with a deadline.
public protocol PasswordHasher: Sendable {
    /// Whether a password that came now would have its turn in time, asked before anything else is done for it.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)``.
    func admit() async throws(AuthError)

    /// - Throws: ``AuthError/overloaded(retryAfter:)`` soon when the queue is full or would outlast its deadline,
    ///   ``AuthError/unavailable(cause:)`` when memory is refused.
    func hash(_ password: Password) async throws(AuthError) -> PasswordHash

    /// Costs one full verification always: a missing hash (no such account) is verified against a decoy and never matches.
    ///
    /// - Throws: what ``hash(_:)`` does; a hash that cannot be read is no match.
    func verify(_ password: Password, against hash: PasswordHash?) async throws(AuthError) -> PasswordVerdict
}
