public import AuthCore
public import SystemThread

/// Argon2id through libsodium, on as many threads as there are slots.
public final class Argon2idHasher: PasswordHasher {
    private let parameters: Argon2Parameters
    private let queueDeadline: Duration
    private let threads: HashingThreads
    private let decoySalt = Argon2id.randomSalt()
    private let unreadable: @Sendable () -> Void

    /// - Parameters:
    ///   - slots: hashes at one time; each holds `parameters.memoryKiB`.
    ///   - queueDeadline: a caller that would wait longer for a slot is refused.
    ///   - maximumWaiting: callers in the queue.
    ///   - unreadable: called for each stored hash that cannot be read. Its account cannot be logged in to.
    public init(
        parameters: Argon2Parameters, slots: Int, queueDeadline: Duration = .seconds(1), maximumWaiting: Int = 256,
        unreadable: @escaping @Sendable () -> Void = {}
    ) {
        self.unreadable = unreadable
        self.parameters = parameters
        self.queueDeadline = queueDeadline
        threads = HashingThreads(slots: slots, maximumWaiting: maximumWaiting, rest: Argon2id.forgetMemory)
    }

    /// Starts the threads. Until then callers wait.
    public func start() throws(SystemThread.Refused) {
        try threads.start()
    }

    /// Refuses the callers that wait, lets the hashes being made finish, and ends the threads.
    public func shutdown() async {
        await threads.stop()
    }

    public func refusal(for client: String?) -> AuthError? {
        threads.refusal(for: client, deadline: deadline)
    }

    public func reserve(for client: String?) throws(AuthError) -> HashReservation {
        try threads.reserve(for: client, deadline: deadline)
    }

    public func hash(
        _ password: Password, in reservation: HashReservation?,
        unless objection: @escaping @Sendable () throws(AuthError) -> FieldError?
    ) async throws(AuthError) -> PasswordHash {
        let parameters = parameters
        let answer = try await perform(in: reservation) {
            do throws(AuthError) {
                if let objection = try objection() { return .failure(.validationFailed([objection])) }
            } catch {
                return .failure(error)
            }
            return Self.attempt { () throws(Argon2id.OutOfMemory) in
                let salt = Argon2id.randomSalt()
                let hash = try Argon2id.hash(password.plaintext, salt: salt, parameters: parameters)
                return .hash(PasswordHash(phc: PHCString(parameters: parameters, salt: salt, hash: hash).text))
            }
        }
        guard case .hash(let hash) = answer else { throw .unavailable(cause: "hashing") }
        return hash
    }

    public func verify(
        _ password: Password, against hash: PasswordHash?, in reservation: HashReservation?
    ) async throws(AuthError) -> PasswordVerdict {
        // A hash that is absent or unreadable costs what a hash of today costs.
        let stored = hash.flatMap { PHCString($0.phc) }
        if hash != nil, stored == nil { unreadable() }
        let (parameters, decoySalt) = (parameters, decoySalt)
        let answer = try await perform(in: reservation) {
            Self.attempt { () throws(Argon2id.OutOfMemory) in
                guard let stored else {
                    _ = try Argon2id.hash(password.plaintext, salt: decoySalt, parameters: parameters)
                    return .verdict(PasswordVerdict(matches: false, needsRehash: false))
                }
                let matches = try Argon2id.verify(password.plaintext, against: stored)
                let isOutdated = !stored.isOfOurForm || stored.parameters.isWeaker(than: parameters)
                return .verdict(PasswordVerdict(matches: matches, needsRehash: matches && isOutdated))
            }
        }
        guard case .verdict(let verdict) = answer else { throw .unavailable(cause: "hashing") }
        return verdict
    }

    private func perform(
        in reservation: HashReservation?, _ work: @Sendable @escaping () -> HashJob.Answer
    ) async throws(AuthError) -> HashJob.PasswordVerdictOrHash {
        try await threads.perform(HashJob(work: work), in: reservation, deadline: deadline).get()
    }

    private var deadline: ContinuousClock.Instant {
        let ours = ContinuousClock.now + queueDeadline
        return min(ours, RequestDeadline.current ?? ours)
    }

    private static func attempt(
        _ work: () throws(Argon2id.OutOfMemory) -> HashJob.PasswordVerdictOrHash
    ) -> HashJob.Answer {
        do throws(Argon2id.OutOfMemory) {
            return .success(try work())
        } catch {
            return .failure(.unavailable(cause: "no memory for Argon2id"))
        }
    }
}
