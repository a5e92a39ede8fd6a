/// Who is hashed next and who is sent away. It decides and leaves the doing to others.
///
/// A job that would have its turn after its deadline is refused when it comes, so that its caller hears at once.
struct HashQueue<Job: Sendable>: Sendable {
    enum Admission: Hashable {
        case admitted
        /// After that time those that are here now are done.
        case full(for: Duration)
        case closed
    }

    private struct Waiting {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        let job: Job
    }

    private let slots: Int
    private let maximumWaiting: Int
    private var waiting: [Waiting] = []
    private var averageTime: Duration
    /// Places kept for jobs that will come, by the ids that these will have.
    private var reserved: Set<UInt64> = []
    /// The share of places that are used, a mean like that of the time. A flood of those who are refused before they are hashed
    /// must keep nobody out.
    private var usedShare = 1.0
    private(set) var running = 0
    private(set) var isClosed = false

    /// - Parameter expectedTime: what a job is taken to need until some were measured.
    init(slots: Int, maximumWaiting: Int, expectedTime: Duration = .milliseconds(30)) {
        self.slots = slots
        self.maximumWaiting = maximumWaiting
        averageTime = expectedTime
    }

    var isEmpty: Bool { waiting.isEmpty && running == 0 }
    var waitingCount: Int { waiting.count }

    mutating func admit(_ job: Job, id: UInt64, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Admission {
        let isExpected = end(id, wasUsed: true)
        let admission = isExpected && !isClosed ? .admitted : admission(deadline: deadline, now: now)
        if admission == .admitted { waiting.append(Waiting(id: id, deadline: deadline, job: job)) }
        return admission
    }

    /// What a job that came now would hear.
    func admission(deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Admission {
        if isClosed { return .closed }
        let coming = Int((Double(reserved.count) * usedShare).rounded(.up))
        let before = waiting.count + coming + running
        let turnsBefore = max(0, before - slots + 1)
        // A quarter more than expected, so that hardly one is let in and then refused after a long wait.
        let isLate = now + averageTime * turnsBefore / slots * 5 / 4 > deadline
        guard isLate || waiting.count + coming >= maximumWaiting else { return .admitted }
        return .full(for: averageTime * before / slots)
    }

    /// Keeps a place for the job of this id.
    mutating func reserve(id: UInt64, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Admission {
        let admission = admission(deadline: deadline, now: now)
        if admission == .admitted { reserved.insert(id) }
        return admission
    }

    /// The job does not come any more, or has come.
    mutating func giveBack(_ id: UInt64) { _ = end(id, wasUsed: false) }

    /// - Returns: whether a place was kept.
    private mutating func end(_ id: UInt64, wasUsed: Bool) -> Bool {
        guard reserved.remove(id) != nil else { return false }
        usedShare = usedShare * 15 / 16 + (wasUsed ? 1.0 / 16 : 0)
        return true
    }

    /// The next job whose deadline has not passed, and those before it whose deadline has.
    mutating func next(now: ContinuousClock.Instant) -> (job: Job?, expired: [Job]) {
        guard let index = waiting.firstIndex(where: { $0.deadline > now }) else {
            defer { waiting.removeAll() }
            return (nil, waiting.map(\.job))
        }
        let expired = waiting[..<index].map(\.job)
        let job = waiting[index].job
        waiting.removeSubrange(...index)
        running += 1
        return (job, expired)
    }

    /// An exponentially weighted mean: one slow job does not turn everybody away.
    mutating func finished(after time: Duration) {
        running -= 1
        averageTime = averageTime * 7 / 8 + time / 8
    }

    /// - Returns: whether it was still waiting, and is now gone.
    mutating func cancel(_ id: UInt64) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    mutating func close() -> [Job] {
        isClosed = true
        defer { waiting.removeAll() }
        return waiting.map(\.job)
    }
}
