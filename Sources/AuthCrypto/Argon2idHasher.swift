public import AuthCore
public import SystemThread

/// Argon2id through libsodium, on as many threads as there are slots.
public final class Argon2idHasher: PasswordHasher {
    private let parameters: Argon2Parameters
    private let queueDeadline: Duration
    private let threads: HashingThreads
    private let decoySalt = Argon2id.randomSalt()

    /// - Parameters:
    ///   - slots: hashes at one time; each holds `parameters.memoryKiB`.
    ///   - queueDeadline: who would wait longer for a slot is refused.
    ///   - maximumWaiting: callers in the queue.
    public init(parameters: Argon2Parameters, slots: Int, queueDeadline: Duration = .seconds(1), maximumWaiting: Int = 256) {
        self.parameters = parameters
        self.queueDeadline = queueDeadline
        threads = HashingThreads(slots: slots, maximumWaiting: maximumWaiting, rest: Argon2id.forgetMemory)
    }

    /// Starts the threads. Until then callers wait.
    public func start() throws(SystemThread.Refused) {
        try threads.start()
    }

    /// Refuses who waits, lets the hashes being made finish, and ends the threads.
    public func shutdown() async {
        await threads.stop()
    }

    public func refusal() -> AuthError? {
        threads.refusal(deadline: deadline)
    }

    public func reserve() throws(AuthError) -> HashingPlace {
        try threads.reserve(deadline: deadline)
    }

    public func hash(_ password: Password, in place: HashingPlace?) async throws(AuthError) -> PasswordHash {
        let parameters = parameters
        let answer = try await perform(in: place) {
            Self.attempt { () throws(Argon2id.OutOfMemory) in
                let salt = Argon2id.randomSalt()
                let hash = try Argon2id.hash(password.plaintext, salt: salt, parameters: parameters)
                return .hash(PasswordHash(phc: PHCString(parameters: parameters, salt: salt, hash: hash).text))
            }
        }
        guard case .hash(let hash) = answer else { throw .unavailable(cause: "hashing") }
        return hash
    }

    public func verify(
        _ password: Password, against hash: PasswordHash?, in place: HashingPlace?
    ) async throws(AuthError) -> PasswordVerdict {
        // A hash that is absent or unreadable costs what a hash of today costs.
        let stored = hash.flatMap { PHCString($0.phc) }
        let (parameters, decoySalt) = (parameters, decoySalt)
        let answer = try await perform(in: place) {
            Self.attempt { () throws(Argon2id.OutOfMemory) in
                let computed = try Argon2id.hash(
                    password.plaintext, salt: stored?.salt ?? decoySalt, parameters: stored?.parameters ?? parameters)
                let matches = stored.map { Argon2id.equalInConstantTime($0.hash, computed) } ?? false
                let needsRehash = matches && stored.map { $0.parameters.isWeaker(than: parameters) } == true
                return .verdict(PasswordVerdict(matches: matches, needsRehash: needsRehash))
            }
        }
        guard case .verdict(let verdict) = answer else { throw .unavailable(cause: "hashing") }
        return verdict
    }

    private func perform(
        in place: HashingPlace?, _ work: @Sendable @escaping () -> HashJob.Answer
    ) async throws(AuthError) -> HashJob.PasswordVerdictOrHash {
        try await threads.perform(HashJob(work: work), in: place, deadline: deadline).get()
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
