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
    /// What a password that came now would hear because its turn would come too late: ``AuthError/overloaded(retryAfter:)``. It is
    /// asked before anything else is done for the password.
    func refusal() -> AuthError?

    /// Keeps a place for a password, so that nothing that is done for it meanwhile is in vain.
    ///
    /// - Throws: what ``refusal()`` says.
    func reserve() throws(AuthError) -> HashingPlace

    /// - Parameter place: `nil` where none was kept.
    /// - Throws: ``AuthError/overloaded(retryAfter:)`` soon when the queue is full or would outlast its deadline,
    ///   ``AuthError/unavailable(cause:)`` when memory is refused.
    func hash(_ password: Password, in place: HashingPlace?) async throws(AuthError) -> PasswordHash

    /// Costs one full verification always: a missing hash (no such account) is verified against a decoy and never matches.
    ///
    /// - Throws: what ``hash(_:in:)`` does; a hash that cannot be read is no match.
    func verify(_ password: Password, against hash: PasswordHash?, in place: HashingPlace?) async throws(AuthError) -> PasswordVerdict
}
