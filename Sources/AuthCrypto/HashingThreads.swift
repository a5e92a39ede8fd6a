import AuthCore
import Dispatch
import NIOConcurrencyHelpers
import SystemThread

/// A few threads that do nothing but hash, behind a bounded queue.
final class HashingThreads: Sendable {
    /// Lower priority than everything else in the process: a login storm must not take the cores from the requests.
    private static let niceness: Int32 = 10

    private struct State {
        var queue: HashQueue<HashJob>
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

    func perform(_ job: HashJob, in place: HashingPlace?, deadline: ContinuousClock.Instant) async -> HashJob.Answer {
        let id = place?.number ?? nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                job.expect(continuation)
                enqueue(job, id: id, deadline: deadline)
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

    private func enqueue(_ job: HashJob, id: UInt64, deadline: ContinuousClock.Instant) {
        guard !Task.isCancelled else { return job.answer(.failure(.unavailable(cause: "cancelled"))) }
        let admission = state.withLockedValue { $0.queue.admit(job, id: id, deadline: deadline, now: .now) }
        if let refusal = admission.refusal { job.answer(.failure(refusal)) } else { available.signal() }
    }

    /// What a job that came now would be refused with.
    func refusal(deadline: ContinuousClock.Instant) -> AuthError? {
        state.withLockedValue { $0.queue.admission(deadline: deadline, now: .now) }.refusal
    }

    func reserve(deadline: ContinuousClock.Instant) throws(AuthError) -> HashingPlace {
        let id = nextID()
        if let refusal = state.withLockedValue({ $0.queue.reserve(id: id, deadline: deadline, now: .now) }).refusal { throw refusal }
        return HashingPlace(number: id) { [state] id in state.withLockedValue { $0.queue.giveBack(id) } }
    }

    private func run() {
        while true {
            if available.wait(timeout: .now()) == .timedOut {
                rest()
                available.wait()
            }
            let (next, isClosed) = state.withLockedValue { ($0.queue.next(now: .now), $0.queue.isClosed) }
            for job in next.expired { job.answer(.failure(.overloaded(retryAfter: .seconds(1)))) }
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

extension HashQueue.Admission {
    fileprivate var refusal: AuthError? {
        switch self {
        case .admitted: nil
        case .full(let time): .overloaded(retryAfter: time)
        case .closed: .unavailable(cause: "shutting down")
        }
    }
}
