import NIOConcurrencyHelpers
import Testing

@testable import LibPQ

/// Whether a pooler lends one process of PostgreSQL to two connections.
@Suite struct PooledProcessesTests {
    private static let start = ContinuousClock.now
    private static let first = process(1)

    private static func process(_ number: Int32, of serverStart: String? = "2026-01-01") -> PooledProcesses.Process {
        PooledProcesses.Process(number: number, serverStart: serverStart)
    }

    /// - Returns: what holds the processes, and how often it has had the connections left.
    private static func processes() -> (PooledProcesses, left: NIOLockedValueBox<Int>) {
        let left = NIOLockedValueBox(0)
        return (PooledProcesses { left.withLockedValue { $0 += 1 } }, left)
    }

    @Test func `F21: a process that two connections have has all of them left, and keeps new ones away`() throws {
        let lineage = PostgresLineage()
        let term = try lineage.admit(nil)
        try lineage.pooled.hold(Self.first, at: Self.start)
        try lineage.pooled.hold(Self.process(2), at: Self.start)
        #expect(lineage.isCurrent(term))
        #expect(throws: PostgresError.self) { try lineage.pooled.hold(Self.first, at: Self.start) }
        #expect(!lineage.isCurrent(term))
        let next = try lineage.admit(nil)
        #expect(throws: PostgresError.self) { try lineage.pooled.hold(Self.process(3), at: Self.start) }
        #expect(lineage.isCurrent(next))
    }

    @Test func `F21: one number at two servers, or after the end of the first, is not shared`() throws {
        let (processes, left) = Self.processes()
        try processes.hold(Self.first, at: Self.start)
        try processes.hold(Self.process(1, of: "2026-01-02"), at: Self.start)
        processes.release(Self.first)
        try processes.hold(Self.first, at: Self.start)
        #expect(left.withLockedValue { $0 } == 0)
    }

    @Test func `F21: a transaction that another process served has the same effect`() throws {
        let (processes, left) = Self.processes()
        try processes.hold(Self.first, at: Self.start)
        for _ in 0..<3 { processes.foundShared(at: Self.start) }
        #expect(left.withLockedValue { $0 } == 1)
        #expect(throws: PostgresError.self) { try processes.hold(Self.process(2), at: Self.start + .seconds(1)) }
        try processes.hold(Self.process(2), at: Self.start + PooledProcesses.shortestPause)
    }

    @Test func `F21: after a pause pooled connections are taken again`() throws {
        let (processes, left) = Self.processes()
        try processes.hold(Self.first, at: Self.start)
        #expect(throws: PostgresError.self) { try processes.hold(Self.first, at: Self.start) }
        // The first connection had ended, which its thread notices now.
        processes.release(Self.first)
        let end = Self.start + PooledProcesses.shortestPause
        #expect(throws: PostgresError.self) { try processes.hold(Self.first, at: end - .milliseconds(1)) }
        try processes.hold(Self.first, at: end)
        try processes.hold(Self.process(2), at: end)
        #expect(left.withLockedValue { $0 } == 1)
    }

    @Test func `F21: a process that is shared again and again is tried at longer and longer pauses`() throws {
        let (processes, left) = Self.processes()
        try processes.hold(Self.first, at: Self.start)
        var (now, pause) = (Self.start, PooledProcesses.shortestPause)
        for _ in 0..<10 {
            #expect(throws: PostgresError.self) { try processes.hold(Self.first, at: now) }
            #expect(throws: PostgresError.self) { try processes.hold(Self.process(2), at: now + pause - .milliseconds(1)) }
            now += pause
            try processes.hold(Self.process(2), at: now)
            processes.release(Self.process(2))
            pause = min(pause * 2, PooledProcesses.longestPause)
        }
        #expect(left.withLockedValue { $0 } == 10)
        now += PooledProcesses.longestPause
        #expect(throws: PostgresError.self) { try processes.hold(Self.first, at: now) }
        try processes.hold(Self.process(2), at: now + PooledProcesses.shortestPause)
    }
}
