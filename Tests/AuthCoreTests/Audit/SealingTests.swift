import AuthTestSupport
import Testing

@testable import AuthCore

@Suite struct SealingTests {
    private static func sealing(_ trail: Trail, clock: ManualClock = ManualClock()) -> Job {
        Sealing(trail: trail, clock: clock).job
    }

    /// A trail with so many events to seal, the oldest of which waits since a time.
    private actor Trail: AuditTrailStore {
        private var events: Int
        private let oldest: Timestamp?
        /// How many events each step sealed.
        private(set) var steps: [Int] = []
        /// The most events that can be sealed in one step.
        private let most: Int

        init(events: Int = 0, oldest: Timestamp? = nil, most: Int = .max) { (self.events, self.oldest, self.most) = (events, oldest, most) }

        func seal(limit: Int) async throws(AuthError) -> Int {
            guard limit <= most else { throw .unavailable(cause: "too large") }
            let sealed = min(limit, events)
            steps.append(sealed)
            events -= sealed
            return sealed
        }
        func chains(retention: Duration) async throws(AuthError) -> [AuditChain] { [] }
        func check(after event: CheckedEvent?, limit: Int) async throws(AuthError) -> CheckedPortion {
            CheckedPortion(examined: 0, erased: 0, events: [])
        }
        func pending() async throws(AuthError) -> PendingEvents { PendingEvents(count: 3, oldest: oldest) }
        func head() async throws(AuthError) -> SealHead { SealHead(number: 0, hash: "") }
        func holds(_ head: SealHead) async throws(AuthError) -> Bool { true }
    }

    @Test func `a round seals everything in steps, and rests and goes on after each that is at least half full`() async throws {
        let trail = Trail(events: 2 * Sealing.stepSize + 100)
        let job = Self.sealing(trail)
        var stepsBeforeRests: [Int] = []
        let outcome = try await job.round { _ in stepsBeforeRests.append(await trail.steps.count) }
        #expect(await trail.steps == [Sealing.stepSize, Sealing.stepSize, 100])
        #expect(stepsBeforeRests == [1, 2])
        #expect(outcome.notice?.text == "sealed" && outcome.notice?.values["events"] as? Int == 2 * Sealing.stepSize + 100)
    }

    @Test func `LG4: events that cannot be sealed in one step are sealed in smaller steps`() async throws {
        let trail = Trail(events: 1500, most: 700)
        let outcome = try await Self.sealing(trail).round { _ in }
        #expect(await trail.steps == [625, 156, 312, 407, 0])
        #expect(outcome.notice?.values["events"] as? Int == 1500)
        await #expect(throws: AuthError.self) { try await Self.sealing(Trail(events: 1, most: 0)).round { _ in } }
    }

    @Test func `a round that finds no events logs nothing`() async throws {
        let trail = Trail()
        let outcome = try await Self.sealing(trail).round { _ in Issue.record("a rest") }
        #expect(await trail.steps == [0])
        #expect(outcome.notice == nil && outcome.pause == nil)
    }

    @Test(arguments: [(nil, false), (Duration.seconds(3599), false), (.seconds(3601), true)] as [(Duration?, Bool)])
    func `LG4: an event that waits for its seal for more than an hour is told of`(age: Duration?, isTold: Bool) async throws {
        let clock = ManualClock()
        let oldest = age.map { age in
            let time = clock.now()
            clock.advance(by: age)
            return time
        }
        let job = Self.sealing(Trail(oldest: oldest), clock: clock)
        let lag = try #require(job.lag)
        #expect(job.interval * lag.rounds <= .seconds(600))
        let notice = await lag.check()
        #expect((notice != nil) == isTold)
        guard let notice else { return }
        #expect(notice.level == .error && notice.text.hasPrefix("the audit trail has not been sealed for an hour"))
        #expect(notice.values["events"]?.description == "3" && notice.values["oldest"]?.description == oldest?.description)
    }
}
