import Testing

@testable import LibPQ

@Suite struct LineageTests {
    private static func at(_ timeline: UInt32, _ system: String = "s") -> PostgresLineage.Position {
        PostgresLineage.Position(system: system, timeline: timeline)
    }

    @Test func `a newer timeline ends the server term of the older, which is not let in again`() throws {
        let lineage = PostgresLineage()
        let (first, second) = (try lineage.admit(Self.at(1)), try lineage.admit(Self.at(1)))
        #expect(first == second && lineage.isCurrent(first))
        let promoted = try lineage.admit(Self.at(2))
        #expect(!lineage.isCurrent(first) && lineage.isCurrent(promoted))
        #expect(throws: PostgresError.self) { try lineage.admit(Self.at(1)) }
        #expect(lineage.isCurrent(promoted))
    }

    @Test func `another cluster is not let in, nor a server that cannot tell after one that could`() throws {
        let lineage = PostgresLineage()
        _ = try lineage.admit(Self.at(1))
        #expect(throws: PostgresError.self) { try lineage.admit(Self.at(5, "other")) }
        #expect(throws: PostgresError.self) { try lineage.admit(nil) }
    }

    @Test func `where no server can tell, all are let in`() throws {
        let lineage = PostgresLineage()
        let first = try lineage.admit(nil)
        #expect(try lineage.admit(nil) == first && lineage.isCurrent(first))
    }

    @Test func `a server that was found demoted by many is left once`() throws {
        let lineage = PostgresLineage()
        let demoted = try lineage.admit(Self.at(1))
        lineage.leave(demoted)
        let next = try lineage.admit(Self.at(1))
        lineage.leave(demoted)
        #expect(!lineage.isCurrent(demoted) && lineage.isCurrent(next))
    }
}
