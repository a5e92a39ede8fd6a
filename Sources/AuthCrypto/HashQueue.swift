/// Decides which password is hashed next and which is refused. It starts no work itself.
///
/// A lower rank is served sooner, and equal ranks in the order of their arrival. So a busy network delays only itself.
/// A job that could not start before its deadline is refused when it arrives, so that its caller knows immediately.
struct HashQueue<Job: Sendable>: Sendable {
    enum Admission: Hashable {
        case admitted
        /// The jobs before it need about this time.
        case full(for: Duration)
        case closed
    }

    /// A job, or a place kept for a job.
    private struct Entry {
        let id: UInt64
        var rank: Int
        let ranks: QueueRank
        let deadline: ContinuousClock.Instant
        /// Whether the job is admitted without another check of the queue.
        var isAssured: Bool
        var job: Job?
    }

    private let slots: Int
    private let maximumWaiting: Int
    /// In the order in which they are served.
    private var entries: [Entry] = []
    private var averageTime: Duration
    /// The share of kept places that are used, as a moving average. Attempts that are refused before they are hashed leave their
    /// places unused, and a flood of them must keep no others out.
    private var usedShare = 1.0
    private(set) var running = 0
    private(set) var isClosed = false

    /// - Parameter expectedTime: what a job is taken to need until some were measured.
    init(slots: Int, maximumWaiting: Int, expectedTime: Duration = .milliseconds(30)) {
        self.slots = slots
        self.maximumWaiting = maximumWaiting
        averageTime = expectedTime
    }

    var isEmpty: Bool { waitingCount == 0 && running == 0 }
    var waitingCount: Int { entries.count { $0.job != nil } }

    /// Puts a job into the place that was kept for it, or into the queue by this rank.
    ///
    /// - Returns: also the jobs that had to leave the queue for it.
    mutating func admit(
        _ job: Job, id: UInt64, rank: Int = QueueRank.quiet.unknown, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> (admission: Admission, displaced: [Job]) {
        var entry = Entry(id: id, rank: rank, ranks: .quiet, deadline: deadline, isAssured: false, job: job)
        if let kept = end(id, wasUsed: true) {
            (entry.rank, entry.isAssured) = (kept.rank, kept.isAssured)
        }
        if entry.isAssured, !isClosed {
            entries.insert(entry, at: position(of: entry))
            return (.admitted, [])
        }
        let admission = admission(rank: entry.rank, deadline: deadline, now: now)
        guard admission == .admitted else { return (admission, []) }
        return (admission, insert(entry))
    }

    /// The answer that a job of these ranks would get now if the account knows its network.
    func admission(ranks: QueueRank, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Admission {
        admission(rank: ranks.known, deadline: deadline, now: now)
    }

    private func admission(rank: Int, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Admission {
        if isClosed { return .closed }
        let before = load { $0.rank <= rank } + running
        let turnsBefore = max(0, before - slots + 1)
        // A quarter more than expected, so that hardly one is let in and then refused after a long wait.
        let isLate = now + averageTime * turnsBefore / slots * 5 / 4 > deadline
        let isFull = load { _ in true } >= maximumWaiting && load { $0.rank > rank } == 0
        return isLate || isFull ? .full(for: averageTime * before / slots) : .admitted
    }

    /// The number of jobs, and of kept places that will probably be used.
    private func load(_ isCounted: (Entry) -> Bool) -> Int {
        var (jobs, places) = (0, 0)
        for entry in entries where isCounted(entry) {
            if entry.job == nil { places += 1 } else { jobs += 1 }
        }
        return jobs + Int((Double(places) * usedShare).rounded(.up))
    }

    /// Keeps a place for the job of this id. Whether the account knows the network is found out later. So the place is admitted as
    /// if it did, but has the rank of a stranger until ``prefer(_:)``.
    mutating func reserve(
        id: UInt64, ranks: QueueRank = .quiet, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> (admission: Admission, displaced: [Job]) {
        let admission = admission(rank: ranks.known, deadline: deadline, now: now)
        guard admission == .admitted else { return (admission, []) }
        let isAssured = self.admission(rank: ranks.unknown, deadline: deadline, now: now) == .admitted
        let entry = Entry(id: id, rank: ranks.unknown, ranks: ranks, deadline: deadline, isAssured: isAssured, job: nil)
        return (admission, insert(entry))
    }

    /// The account knows the network that this place was kept for.
    mutating func prefer(_ id: UInt64) {
        guard let index = entries.firstIndex(where: { $0.id == id && $0.job == nil }) else { return }
        var entry = entries.remove(at: index)
        (entry.rank, entry.isAssured) = (entry.ranks.known, true)
        entries.insert(entry, at: position(of: entry))
    }

    /// Ends a kept place: its job will not come, or has come already.
    mutating func giveBack(_ id: UInt64) { _ = end(id, wasUsed: false) }

    /// - Returns: the place that was kept.
    private mutating func end(_ id: UInt64, wasUsed: Bool) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.id == id && $0.job == nil }) else { return nil }
        usedShare = usedShare * 15 / 16 + (wasUsed ? 1.0 / 16 : 0)
        return entries.remove(at: index)
    }

    /// - Returns: the jobs beyond the bound, which are the last to be served.
    private mutating func insert(_ entry: Entry) -> [Job] {
        entries.insert(entry, at: position(of: entry))
        guard load({ _ in true }) > maximumWaiting, let last = entries.popLast() else { return [] }
        return last.job.map { [$0] } ?? []
    }

    private func position(of entry: Entry) -> Int {
        entries.firstIndex { ($0.rank, $0.id) > (entry.rank, entry.id) } ?? entries.count
    }

    /// The job to start now, and those whose deadline has passed.
    mutating func next(now: ContinuousClock.Instant) -> (job: Job?, expired: [Job]) {
        let expired = entries.filter { $0.deadline <= now }.compactMap(\.job)
        if !expired.isEmpty { entries.removeAll { $0.job != nil && $0.deadline <= now } }
        guard let index = entries.firstIndex(where: { $0.job != nil }) else { return (nil, expired) }
        running += 1
        return (entries.remove(at: index).job, expired)
    }

    /// An exponentially weighted mean: one slow job does not have all others refused.
    mutating func finished(after time: Duration) {
        running -= 1
        averageTime = averageTime * 7 / 8 + time / 8
    }

    /// - Returns: whether it was still waiting, and is now gone.
    mutating func cancel(_ id: UInt64) -> Bool {
        guard let index = entries.firstIndex(where: { $0.id == id && $0.job != nil }) else { return false }
        entries.remove(at: index)
        return true
    }

    mutating func close() -> [Job] {
        isClosed = true
        defer { entries.removeAll() }
        return entries.compactMap(\.job)
    }
}
