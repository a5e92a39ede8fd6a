import Testing

@testable import AuthCrypto

@Suite struct HashQueueTests {
    private let start = ContinuousClock.now
    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func queue(slots: Int = 1, maximumWaiting: Int = 10, expected: Int = 100) -> HashQueue<String> {
        HashQueue(slots: slots, maximumWaiting: maximumWaiting, expectedTime: .milliseconds(expected))
    }

    @Test func `jobs have their turn in the order in which they came`() {
        var queue = queue()
        for (id, job) in ["a", "b", "c"].enumerated() {
            #expect(queue.admit(job, id: UInt64(id), deadline: at(1000), now: start).admission == .admitted)
        }
        let turns = (0..<4).map { _ in queue.next(now: start).job }
        #expect(turns == ["a", "b", "c", nil])
        #expect(queue.running == 3)
    }

    @Test func `a job that could not run before its deadline is refused immediately`() {
        var queue = queue(slots: 2, expected: 100)
        for id in 0..<6 { _ = queue.admit("\(id)", id: UInt64(id), deadline: at(10_000), now: start) }
        // Six are before it on two slots: five turns of a hundred milliseconds, shared by two, and a quarter more.
        #expect(queue.admit("late", id: 7, deadline: at(312), now: start).admission == .full(for: .milliseconds(300)))
        #expect(queue.admit("in time", id: 8, deadline: at(313), now: start).admission == .admitted)
    }

    @Test func `the queue is bounded`() {
        var queue = queue(maximumWaiting: 2)
        for id: UInt64 in 0..<2 { #expect(queue.admit("a", id: id, deadline: at(10_000), now: start).admission == .admitted) }
        #expect(queue.admit("b", id: 3, deadline: at(10_000), now: start).admission == .full(for: .milliseconds(200)))
        _ = queue.next(now: start)
        #expect(queue.admit("c", id: 4, deadline: at(10_000), now: start).admission == .admitted)
    }

    @Test func `those whose deadline passed are handed out to be refused, and the next one runs`() {
        var queue = queue()
        for (id, deadline) in [150, 160, 900].enumerated() {
            _ = queue.admit("\(deadline)", id: UInt64(id), deadline: at(deadline), now: at(-500))
        }
        let next = queue.next(now: at(200))
        #expect(next.expired == ["150", "160"])
        #expect(next.job == "900")
        #expect(queue.waitingCount == 0)
        #expect(queue.running == 1)
    }

    @Test func `the estimate follows the time that jobs take`() {
        var queue = queue(expected: 10)
        for id in 0..<40 {
            _ = queue.admit("a", id: UInt64(id), deadline: at(10_000), now: start)
            _ = queue.next(now: start)
            queue.finished(after: .milliseconds(500))
        }
        _ = queue.admit("b", id: 100, deadline: at(10_000), now: start)
        #expect(queue.admit("c", id: 101, deadline: at(300), now: start).admission != .admitted)
    }

    @Test func `a cancelled job is gone, once`() {
        var queue = queue()
        _ = queue.admit("a", id: 1, deadline: at(1000), now: start)
        let answers = [queue.cancel(1), queue.cancel(1)]
        #expect(answers == [true, false])
        #expect(queue.isEmpty)
    }

    @Test func `a place that is kept counts like the job that takes it`() {
        var queue = queue(maximumWaiting: 2)
        let busy = QueueRank(use: 1000)
        #expect(queue.reserve(id: 1, deadline: at(10_000), now: start).admission == .admitted)
        #expect(queue.reserve(id: 2, ranks: busy, deadline: at(124), now: start).admission == .full(for: .milliseconds(100)))
        #expect(queue.reserve(id: 3, ranks: busy, deadline: at(125), now: start).admission == .admitted)
        #expect(queue.admit("late", id: 4, rank: 99, deadline: at(10_000), now: start).admission == .full(for: .milliseconds(200)))
        #expect(queue.admit("a", id: 1, deadline: at(10_000), now: start).admission == .admitted)
        #expect(queue.admit("late", id: 5, rank: 99, deadline: at(10_000), now: start).admission == .full(for: .milliseconds(200)))
        queue.giveBack(1)
        queue.giveBack(3)
        #expect(queue.admit("b", id: 6, rank: 99, deadline: at(10_000), now: start).admission == .admitted)
        let turns = (0..<3).map { _ in queue.next(now: start).job }
        #expect(turns == ["a", "b", nil])
    }

    @Test func `places that nobody uses keep nobody out, and those that are used do again`() {
        var queue = queue(maximumWaiting: 4, expected: 1)
        for id: UInt64 in 0..<100 {
            #expect(queue.reserve(id: id, deadline: at(10_000), now: start).admission == .admitted)
            queue.giveBack(id)
        }
        for id: UInt64 in 100..<200 { #expect(queue.reserve(id: id, deadline: at(10_000), now: start).admission == .admitted) }
        for id: UInt64 in 100..<196 {
            #expect(queue.admit("a", id: id, deadline: at(10_000), now: start).admission == .admitted)
            _ = queue.next(now: start)
            queue.finished(after: .milliseconds(1))
        }
        #expect(queue.reserve(id: 200, ranks: QueueRank(use: 1000), deadline: at(10_000), now: start).admission != .admitted)
    }

    @Test func `a quiet network goes before the surplus of a busy one, and equal ranks in the order of their arrival`() {
        var queue = queue()
        for (id, use) in [20.0, 40, 0, 20, 0].enumerated() {
            let ranks = QueueRank(use: use)
            #expect(queue.reserve(id: UInt64(id), ranks: ranks, deadline: at(10_000), now: start).admission == .admitted)
            #expect(queue.admit("\(id)", id: UInt64(id), deadline: at(10_000), now: start).admission == .admitted)
        }
        let turns = (0..<5).map { _ in queue.next(now: start).job }
        #expect(turns == ["2", "4", "0", "3", "1"])
    }

    @Test func `a busy network leaves its last place to a quiet one when there is none left`() {
        var queue = queue(maximumWaiting: 3)
        for id: UInt64 in 0..<3 {
            let ranks = QueueRank(use: 20 * Double(id))
            _ = queue.reserve(id: id, ranks: ranks, deadline: at(10_000), now: start)
            #expect(queue.admit("\(id)", id: id, deadline: at(10_000), now: start).displaced == [])
        }
        #expect(queue.reserve(id: 3, ranks: QueueRank(use: 100), deadline: at(10_000), now: start).admission != .admitted)
        let kept = queue.reserve(id: 4, ranks: .quiet, deadline: at(10_000), now: start)
        #expect(kept.admission == .admitted && kept.displaced == ["2"])
    }

    @Test func `a client that the account knows goes before strangers, until its network has asked often`() {
        var queue = queue()
        for (id, use) in [0.0, 9, 200].enumerated() {
            _ = queue.reserve(id: UInt64(id), ranks: QueueRank(use: use), deadline: at(10_000), now: start)
            if id > 0 { queue.prefer(UInt64(id)) }
            _ = queue.admit("\(id)", id: UInt64(id), deadline: at(10_000), now: start)
        }
        let turns = (0..<3).map { _ in queue.next(now: start).job }
        #expect(turns == ["1", "0", "2"])
    }

    @Test func `a stranger for whom there is room only if it were known is refused when it is not`() {
        var queue = queue()
        for id: UInt64 in 0..<4 { _ = queue.admit("a", id: id, deadline: at(10_000), now: start) }
        #expect(queue.reserve(id: 4, ranks: QueueRank(use: 5), deadline: at(300), now: start).admission == .admitted)
        #expect(queue.admit("b", id: 4, rank: 9, deadline: at(300), now: start).admission != .admitted)
        #expect(queue.reserve(id: 5, ranks: QueueRank(use: 5), deadline: at(300), now: start).admission == .admitted)
        queue.prefer(5)
        #expect(queue.admit("c", id: 5, rank: 9, deadline: at(300), now: start).admission == .admitted)
    }

    @Test func `a job whose place was kept before the end is refused after it`() {
        var queue = queue()
        _ = queue.reserve(id: 1, deadline: at(1000), now: start)
        _ = queue.close()
        #expect(queue.admit("a", id: 1, deadline: at(1000), now: start).admission == .closed)
        #expect(queue.isEmpty)
    }

    @Test func `after closing nothing waits and nothing comes in`() {
        var queue = queue()
        _ = queue.admit("a", id: 1, deadline: at(1000), now: start)
        let refused = queue.close()
        #expect(refused == ["a"])
        #expect(queue.admit("b", id: 2, deadline: at(1000), now: start).admission == .closed)
    }
}
