import AuthTestSupport
import Testing

@testable import AuthCore

@Suite struct SealingTests {
    private static func sealing(_ trail: Trail, clock: ManualClock = ManualClock()) -> Job {
        Sealing(trail: trail, clock: clock).job
    }

    /// A trail with so many events to seal, the oldest of which waits since a time.
    private actor Trail: AuditTrailStore {
        private var events: Int?
        private let oldest: Timestamp?
        /// How many events each seal has; `nil` where another instance seals.
        private(set) var seals: [Int?] = []

        init(events: Int? = nil, oldest: Timestamp? = nil) { (self.events, self.oldest) = (events, oldest) }

        func seal(limit: Int) async throws(AuthError) -> Int? {
            let sealed = events.map { min(limit, $0) }
            seals.append(sealed)
            if let sealed { events? -= sealed }
            return sealed
        }
        func ranges(after head: SealHead?, limit: Int, retention: Duration) async throws(AuthError) -> [SealedRange] { [] }
        func unsealed() async throws(AuthError) -> UnsealedEvents { UnsealedEvents(count: 3, oldest: oldest, fromTheFuture: 0) }
        func head() async throws(AuthError) -> SealHead { SealHead(number: 0, hash: "") }
    }

    @Test func `a round seals everything in small steps and rests after each full one`() async throws {
        let trail = Trail(events: 600)
        let job = Self.sealing(trail)
        var sealsBeforeRests: [Int] = []
        let outcome = try await job.round { _ in sealsBeforeRests.append(await trail.seals.count) }
        #expect(await trail.seals == [250, 250, 100])
        #expect(sealsBeforeRests == [1, 2] && job.restPerStep > 0)
        #expect(outcome.notice?.text == "sealed" && outcome.notice?.values["events"] as? Int == 600)
    }

    @Test func `nothing is done while another instance seals`() async throws {
        let trail = Trail()
        let outcome = try await Self.sealing(trail).round { _ in Issue.record("a rest") }
        #expect(await trail.seals == [nil])
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
