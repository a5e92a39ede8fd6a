import AuthCore
import Dispatch
import NIOConcurrencyHelpers
import SystemThread

/// A few threads that do nothing but hash, behind a bounded queue.
final class HashingThreads: Sendable {
    /// Lower priority than everything else in the process: a login storm must not take the cores from the requests.
    private static let niceness: Int32 = 10

    /// The part of an attempt that is not counted for its network if the account knows the network.
    fileprivate static let knownDiscount = 0.75

    fileprivate struct State {
        var queue: HashQueue<HashJob>
        var use = NetworkUse()
        var nextID: UInt64 = 0
        var isStarted = false
    }

    private let slots: Int
    private let state: NIOLockedValueBox<State>
    private let available = DispatchSemaphore(value: 0)
    private let rest: @Sendable () -> Void

    /// - Parameter rest: run on each thread when it has nothing to do, and before it ends.
    init(slots: Int, maximumWaiting: Int, rest: @escaping @Sendable () -> Void = {}) {
        self.slots = slots
        self.rest = rest
        state = NIOLockedValueBox(State(queue: HashQueue(slots: slots, maximumWaiting: maximumWaiting)))
    }

    func start() throws(SystemThread.Refused) {
        let isFirst = state.withLockedValue { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        for number in 0..<slots {
            try SystemThread.start(named: "argon2-\(number)", niceness: Self.niceness) { self.run() }
        }
    }

    func perform(_ job: HashJob, in reservation: HashReservation?, deadline: ContinuousClock.Instant) async -> HashJob.Answer {
        let id = reservation?.number ?? nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                job.expect(continuation)
                enqueue(job, id: id, rank: reservation?.rank ?? QueueRank.quiet.unknown, deadline: deadline)
            }
        } onCancel: {
            if state.withLockedValue({ $0.queue.cancel(id) }) { job.answer(.failure(.unavailable(cause: "cancelled"))) }
        }
    }

    /// Refuses what waits, and lets what runs finish.
    func stop() async {
        let refused = state.withLockedValue { $0.queue.close() }
        for job in refused { job.answer(.failure(.unavailable(cause: "shutting down"))) }
        for _ in 0..<slots { available.signal() }
        while !state.withLockedValue({ $0.queue.isEmpty }) { try? await Task.sleep(for: .milliseconds(5)) }
    }

    private func nextID() -> UInt64 {
        state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func enqueue(_ job: HashJob, id: UInt64, rank: Int, deadline: ContinuousClock.Instant) {
        guard !Task.isCancelled else { return job.answer(.failure(.unavailable(cause: "cancelled"))) }
        let (admission, displaced) = state.withLockedValue {
            $0.queue.admit(job, id: id, rank: rank, deadline: deadline, now: .now)
        }
        Self.refuse(displaced)
        if let refusal = admission.refusal { job.answer(.failure(refusal)) } else { available.signal() }
    }

    private static func refuse(_ jobs: [HashJob]) {
        for job in jobs { job.answer(.failure(.overloaded(retryAfter: .seconds(1)))) }
    }

    /// The error for a password from this client if it cannot be admitted now; `nil` if it can. A refusal counts as an attempt.
    func refusal(for client: String?, deadline: ContinuousClock.Instant) -> AuthError? {
        let (networks, now) = (ClientNetworks(of: client), ContinuousClock.now)
        return state.withLockedValue { state in
            let ranks = QueueRank(use: state.use.count(of: networks, now: now))
            let refusal = state.queue.admission(ranks: ranks, deadline: deadline, now: now).refusal
            if refusal != nil { state.use.add(networks, now: now) }
            return refusal
        }
    }

    func reserve(for client: String?, deadline: ContinuousClock.Instant) throws(AuthError) -> HashReservation {
        let (networks, now, id) = (ClientNetworks(of: client), ContinuousClock.now, nextID())
        let (ranks, (admission, displaced)) = state.withLockedValue { state in
            let ranks = QueueRank(use: state.use.count(of: networks, now: now))
            state.use.add(networks, now: now)
            return (ranks, state.queue.reserve(id: id, ranks: ranks, deadline: deadline, now: now))
        }
        Self.refuse(displaced)
        if let refusal = admission.refusal { throw refusal }
        return HashReservation(
            number: id, rank: ranks.unknown, onPrefer: { [state] id in state.withLockedValue { $0.prefer(id, networks) } },
            giveBack: { [state] id in state.withLockedValue { $0.queue.giveBack(id) } })
    }

    private func run() {
        while true {
            if available.wait(timeout: .now()) == .timedOut {
                rest()
                available.wait()
            }
            let (next, isClosed) = state.withLockedValue { ($0.queue.next(now: .now), $0.queue.isClosed) }
            Self.refuse(next.expired)
            guard let job = next.job else {
                if isClosed { return rest() }
                continue
            }
            let start = ContinuousClock.now
            let answer = job.work()
            state.withLockedValue { $0.queue.finished(after: .now - start) }
            job.answer(answer)
        }
    }
}

extension HashingThreads.State {
    fileprivate mutating func prefer(_ id: UInt64, _ networks: ClientNetworks) {
        queue.prefer(id)
        use.giveBack(HashingThreads.knownDiscount, of: networks, now: .now)
    }
}

extension HashQueue.Admission {
    fileprivate var refusal: AuthError? {
        switch self {
        case .admitted: nil
        case .full(let time): .overloaded(retryAfter: time)
        case .closed: .unavailable(cause: "shutting down")
        }
    }
}
