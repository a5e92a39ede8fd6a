import AuthCore
import AuthTestSupport
import Foundation
import Testing

@Suite struct RetentionTests {
    /// A table of so many rows, every third of them dead, removed as the steps go over it.
    private final class Table: RetentionStore, @unchecked Sendable {
        var rows: Int
        var stepsUntilFailure = Int.max
        var attempts = 0
        var (mails, tokens, heldAddresses) = (0, 0, 0)
        var recorded: [AuditKind: [Int]] = [:]
        var hasEventsTurn = false
        /// How many events each of the old volumes has.
        var volumes: [Int] = []
        var opened: [Duration] = []
        init(rows: Int) { self.rows = rows }

        func removeSessions(
            createdBefore creation: Duration, deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
        ) async throws(AuthError) -> RetentionStep {
            #expect(creation == SessionPolicy.standard().absoluteLifetime + age)
            stepsUntilFailure -= 1
            guard stepsUntilFailure >= 0 else { throw .unavailable(cause: "gone") }
            let start = key.map { Int($0.routing.value) } ?? 0
            let end = min(start + limit, rows)
            let last = end > start ? RetentionStep.PrimaryKey(routing: RoutingKey(Int32(end)), id: UUID()) : nil
            return RetentionStep(examined: end - start, removed: (end - start) / 3, last: last)
        }

        func openVolume(longest: Duration) async throws(AuthError) { opened.append(longest) }

        func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep {
            hasEventsTurn = true
            guard !volumes.isEmpty else { return RetentionStep(examined: 0, removed: 0, last: nil) }
            let events = volumes.removeFirst()
            return RetentionStep(examined: events, removed: events, last: .init(routing: RoutingKey(0), id: UUID()))
        }

        func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep {
            let step = min(limit, attempts)
            attempts -= step
            return RetentionStep(examined: step, removed: step, last: step > 0 ? .init(routing: RoutingKey(0), id: UUID()) : nil)
        }

        func removeMails(
            finishedFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
        ) async throws(AuthError) -> RetentionStep { try taken(&mails, limit, age) }

        func removeTokens(
            deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
        ) async throws(AuthError) -> RetentionStep { try taken(&tokens, limit, age) }

        func removeHeldAddresses(freeFor age: Duration, limit: Int) async throws(AuthError) -> RetentionStep {
            try taken(&heldAddresses, limit, age)
        }

        private func taken(_ rows: inout Int, _ limit: Int, _ age: Duration) throws(AuthError) -> RetentionStep {
            #expect(age == .seconds(30 * 86_400))
            let step = min(limit, rows)
            rows -= step
            return RetentionStep(examined: step, removed: step, last: step > 0 ? .init(routing: RoutingKey(0), id: UUID()) : nil)
        }

        func record(removed count: Int, event: AuditEvent) async throws(AuthError) {
            recorded[event.kind, default: []].append(count)
        }
    }

    private func retention(_ table: Table) -> Retention {
        World().domain { $0.retention = table }.retention
    }

    @Test func `a sweep goes over all rows in small steps and rests after each`() async throws {
        var rests = 0
        let table = Table(rows: 300)
        table.attempts = 60
        (table.mails, table.tokens, table.heldAddresses) = (30, 20, 10)
        let report = try await retention(table).sweep { _ in rests += 1 }
        #expect(report.sessions == 96 && report.events == 0 && report.examined == 420)
        #expect(table.attempts + table.mails + table.tokens + table.heldAddresses == 0)
        #expect(rests == 13 + 1 + 3 + 2 + 2 + 4)
    }

    @Test func `retention opens a volume after a sixteenth of the time that events are kept, and removes whole volumes`() async throws {
        let table = Table(rows: 0)
        table.volumes = [5, 7]
        let report = try await retention(table).sweep { _ in }
        #expect(report.events == 12 && table.recorded == [.eventsRemoved: [12]])
        #expect(Set(table.opened) == [RetentionPolicy.standard.auditEvents / 16])
    }

    @Test func `the trail tells once a sweep how many went, and nothing where none did`() async throws {
        let table = Table(rows: 300)
        _ = try await retention(table).sweep { _ in }
        #expect(table.recorded == [.sessionsRemoved: [96]])
        table.rows = 0
        _ = try await retention(table).sweep { _ in }
        #expect(table.recorded == [.sessionsRemoved: [96]])
    }

    @Test func `a sweep that fails tells what it had removed by then, and the other table has its turn`() async throws {
        let table = Table(rows: 300)
        table.stepsUntilFailure = 2
        await #expect(throws: AuthError.unavailable(cause: "gone")) { try await retention(table).sweep { _ in } }
        #expect(table.recorded == [.sessionsRemoved: [16]])
        #expect(table.hasEventsTurn)
    }

    @Test func `after a sweep retention rests for an hour, or for as long as the sweep took`() {
        var report = Retention.Report()
        #expect(Retention.rest(after: report) == .seconds(3600))
        report.duration = .seconds(10_000)
        #expect(Retention.rest(after: report) == .seconds(10_000))
    }

    @Test func `a sweep tells how long it took, its rests included`() async throws {
        let report = try await retention(Table(rows: 0)).sweep { _ in try await Task.sleep(for: .milliseconds(30)) }
        #expect(report.duration >= .milliseconds(60))
    }
}
