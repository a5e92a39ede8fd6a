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

/// Memory-hard password hashing on bounded threads, behind a queue with a deadline in which a busy network delays only itself.
public protocol PasswordHasher: Sendable {
    /// The error for a password that arrives now and could not be hashed before its deadline; `nil` if there is room. It is asked
    /// before anything else is done for the password, and a refusal counts as an attempt of the client's network.
    ///
    /// - Parameter client: its IP address.
    func refusal(for client: String?) -> AuthError?

    /// Reserves a place in the queue for a password, so that work done before the hash is not wasted.
    ///
    /// - Parameter client: its IP address.
    /// - Throws: the error that ``refusal(for:)`` returns.
    func reserve(for client: String?) throws(AuthError) -> HashReservation

    /// - Parameters:
    ///   - reservation: `nil` if there is none.
    ///   - objection: called on the hashing thread before the hash, since it may take some milliseconds.
    /// - Throws: ``AuthError/overloaded(retryAfter:)`` soon when the queue is full or would outlast its deadline,
    ///   ``AuthError/unavailable(cause:)`` when memory is refused, ``AuthError/validationFailed(_:)`` with the objection, and what
    ///   the objection throws.
    func hash(
        _ password: Password, in reservation: HashReservation?,
        unless objection: @escaping @Sendable () throws(AuthError) -> FieldError?
    ) async throws(AuthError) -> PasswordHash

    /// Costs one full verification always: a missing hash (no such account) is verified against a decoy and never matches.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``; a hash that cannot be read is no match.
    func verify(_ password: Password, against hash: PasswordHash?, in reservation: HashReservation?) async throws(AuthError)
        -> PasswordVerdict
}

extension PasswordHasher {
    public func hash(_ password: Password, in reservation: HashReservation?) async throws(AuthError) -> PasswordHash {
        try await hash(password, in: reservation, unless: { nil })
    }
}
