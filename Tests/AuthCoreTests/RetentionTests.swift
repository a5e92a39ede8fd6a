import AuthCore
import AuthTestSupport
import Foundation
import Testing

@Suite struct RetentionTests {
    /// A table of so many rows, every third of them dead, removed as the steps go over it.
    private final class Table: RetentionStore, @unchecked Sendable {
        var rows: Int
        var stepsUntilLost = Int.max
        init(rows: Int) { self.rows = rows }

        func removeSessions(
            deadFor age: Duration, after key: RetentionStep.Key?, limit: Int, event: AuditEvent
        ) async throws(AuthError) -> RetentionStep? {
            stepsUntilLost -= 1
            guard stepsUntilLost >= 0 else { return nil }
            let start = key.map { Int($0.routing.value) } ?? 0
            let end = min(start + limit, rows)
            let last = end > start ? RetentionStep.Key(routing: RoutingKey(Int32(end)), id: UUID()) : nil
            return RetentionStep(examined: end - start, removed: (end - start) / 3, last: last)
        }

        func removeEvents(
            olderThan age: Duration, after key: RetentionStep.Key?, limit: Int, event: AuditEvent
        ) async throws(AuthError) -> RetentionStep? {
            RetentionStep(examined: 0, removed: 0, last: nil)
        }
    }

    private func retention(_ table: Table) -> Retention {
        Retention(store: table, identifiers: IdentifierGenerator(clock: ManualClock()), policy: RetentionPolicy())
    }

    @Test func `a sweep goes over all rows in small steps and rests after each`() async throws {
        var rests = 0
        let report = try await retention(Table(rows: 3000)).sweep { _ in rests += 1 }
        #expect(report?.sessions == 999 && report?.events == 0 && report?.examined == 3000)
        #expect(rests == 5)
    }

    @Test func `where another instance is at work nothing is done, nor after its lock is lost`() async throws {
        let table = Table(rows: 3000)
        table.stepsUntilLost = 0
        #expect(try await retention(table).sweep { _ in } == nil)
        table.stepsUntilLost = 2
        #expect(try await retention(table).sweep { _ in } == nil)
    }
}
