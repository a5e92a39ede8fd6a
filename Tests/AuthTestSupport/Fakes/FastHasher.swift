public import AuthCore
import AuthCrypto
import FoundationEssentials
import NIOConcurrencyHelpers

/// Hashes without work, and counts.
public final class FastHasher: PasswordHasher {
    public struct Counts: Hashable, Sendable {
        public var hashes = 0
        /// Each is a full Argon2id run in the real one, be there a hash to compare with or not.
        public var verifications = 0

        public init(hashes: Int = 0, verifications: Int = 0) {
            self.hashes = hashes
            self.verifications = verifications
        }
    }

    private struct State {
        var counts = Counts()
        var version = 1
        var refusesHashing = false
        var refusesVerification = false
        var isFull = false
        var preferredCount = 0
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    public var counts: Counts { state.withLockedValue(\.counts) }

    /// Reservations that went before those of strangers.
    public var preferredCount: Int { state.withLockedValue(\.preferredCount) }

    /// From now on the hashes made before are weak.
    public func strengthen() { state.withLockedValue { $0.version += 1 } }

    /// From now on there is no room for ``hash(_:in:)``.
    public func refuseHashing() { state.withLockedValue { $0.refusesHashing = true } }

    /// From now on there is no room for ``verify(_:against:in:)``.
    public func refuseVerification() { state.withLockedValue { $0.refusesVerification = true } }

    /// From now on nobody is let in.
    public func fill() { state.withLockedValue { $0.isFull = true } }

    public func refusal(for client: String?) -> AuthError? {
        state.withLockedValue(\.isFull) ? .overloaded(retryAfter: .seconds(2)) : nil
    }

    public func reserve(for client: String?) throws(AuthError) -> HashReservation {
        if let refusal = refusal(for: client) { throw refusal }
        return HashReservation(number: 1, onPrefer: { [state] _ in state.withLockedValue { $0.preferredCount += 1 } }) { _ in }
    }

    public func hash(
        _ password: Password, in reservation: HashReservation?,
        unless objection: @escaping @Sendable () throws(AuthError) -> FieldError?
    ) async throws(AuthError) -> PasswordHash {
        if let objection = try objection() { throw .validationFailed([objection]) }
        let (version, isRefused) = state.withLockedValue { state in
            state.counts.hashes += 1
            return (state.version, state.refusesHashing)
        }
        if isRefused { throw .overloaded(retryAfter: .seconds(2)) }
        return Self.hash(password, version: version)
    }

    public func verify(_ password: Password, against hash: PasswordHash?, in reservation: HashReservation?) async throws(AuthError)
        -> PasswordVerdict
    {
        let (version, isRefused) = state.withLockedValue { state in
            state.counts.verifications += 1
            return (state.version, state.refusesVerification)
        }
        if isRefused { throw .overloaded(retryAfter: .seconds(2)) }
        let matching = (1...version).first { Self.hash(password, version: $0) == hash }
        return PasswordVerdict(matches: matching != nil, needsRehash: matching.map { $0 < version } ?? false)
    }

    /// It looks like a hash of Argon2id, because the database takes no other. Its tag is a SHA-256.
    private static func hash(_ password: Password, version: Int) -> PasswordHash {
        let digest = try! OpenSSLTokenCryptography().sha256(Array(password.plaintext.utf8)).array
        let tag = Data(digest).base64EncodedString().prefix { character in character != "=" }
        return PasswordHash(phc: "$argon2id$v=19$m=19456,t=\(version + 1),p=1$AAECAwQFBgcICQoLDA0ODw$\(tag)")
    }
}
