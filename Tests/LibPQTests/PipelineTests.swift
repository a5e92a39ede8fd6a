import Testing

@testable import LibPQ

@Suite struct PipelineTests {
    private typealias TestPipeline = Pipeline<Int, String>

    private static func operation(_ id: UInt64, writes: Bool = false, deadline: Duration = .seconds(60)) -> Operation<Int> {
        Operation(id: id, isWrite: writes, deadline: .now + deadline, payload: Int(id))
    }

    private static func error(_ sqlState: String, severity: String = "ERROR") -> PostgresServerError {
        PostgresServerError(sqlState: sqlState, severity: severity, messageForLog: "")
    }

    @Test func `answers belong to operations in the order of sending`() {
        var pipeline = TestPipeline()
        for id in 1...3 { _ = pipeline.send([Self.operation(UInt64(id))], statementNames: ["s"]) }
        for id in 1...3 {
            pipeline.received("prepared")
            pipeline.received("rows \(id)")
            guard case .succeeded(let operations, let rows) = pipeline.synchronised() else { return #expect(Bool(false)) }
            #expect(operations[0].payload == id && rows == "rows \(id)")
        }
        #expect(pipeline.isEmpty && pipeline.synchronised() == nil)
    }

    @Test func `an error is its own operation's and leaves the next alone`() {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1)], statementNames: ["a"])
        _ = pipeline.send([Self.operation(2)], statementNames: ["b"])
        pipeline.received(Self.error("23505"))
        guard case .failed(let operations, let error) = pipeline.synchronised() else { return #expect(Bool(false)) }
        #expect(operations[0].id == 1 && error.sqlState == "23505")
        pipeline.received("rows")
        guard case .succeeded(let next, _) = pipeline.synchronised() else { return #expect(Bool(false)) }
        #expect(next[0].id == 2)
    }

    @Test func `a statement is prepared once on a connection, and again when preparing failed`() {
        var pipeline = TestPipeline()
        let first = pipeline.send([Self.operation(1)], statementNames: ["s"])
        let second = pipeline.send([Self.operation(2)], statementNames: ["s"])
        #expect(first == [.prepare(0), .execute(0)] && second == [.execute(0)])
        pipeline.received(Self.error("42P01"))
        _ = pipeline.synchronised()
        pipeline.received(Self.error("26000"))
        guard case .misplaced = pipeline.synchronised() else { return #expect(Bool(false)) }
        let third = pipeline.send([Self.operation(3)], statementNames: ["s"])
        #expect(third == [.prepare(0), .execute(0)])
    }

    @Test func `an error in executing leaves the statement prepared`() {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1)], statementNames: ["s"])
        pipeline.received("prepared")
        pipeline.received(Self.error("23505"))
        _ = pipeline.synchronised()
        let preparesAgain = pipeline.send([Self.operation(2)], statementNames: ["s"])
        #expect(preparesAgain == [.execute(0)])
    }

    @Test func `of several statements only those before the failure are prepared`() {
        var pipeline = TestPipeline()
        let first = pipeline.send([Self.operation(1)], statementNames: ["a", "b", "a"])
        #expect(first == [.prepare(0), .prepare(1), .execute(0), .execute(1), .execute(2)])
        pipeline.received("prepared a")
        pipeline.received(Self.error("42P01"))
        guard case .failed = pipeline.synchronised() else { return #expect(Bool(false)) }
        let second = pipeline.send([Self.operation(2)], statementNames: ["a", "b"])
        #expect(second == [.prepare(1), .execute(0), .execute(1)])
        for result in ["prepared b", "rows of a", "rows of b"] { pipeline.received(result) }
        guard case .succeeded(_, let rows) = pipeline.synchronised() else { return #expect(Bool(false)) }
        #expect(rows == "rows of b")
    }

    @Test func `a failed execution leaves all statements of its operation prepared, for those that were sent meanwhile`() {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1)], statementNames: ["a", "b"])
        #expect(pipeline.send([Self.operation(2)], statementNames: ["b"]) == [.execute(0)])
        for result in ["prepared a", "prepared b"] { pipeline.received(result) }
        pipeline.received(Self.error("22012"))
        guard case .failed = pipeline.synchronised() else { return #expect(Bool(false)) }
        #expect(pipeline.send([Self.operation(3)], statementNames: ["a", "b"]) == [.execute(0), .execute(1)])
    }

    @Test(arguments: ["25006", "26000", "0A000"])
    func `a server that is no longer the right one is left`(sqlState: String) {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1, writes: true)], statementNames: ["s"])
        pipeline.received(Self.error(sqlState))
        guard case .misplaced(let operations, _) = pipeline.synchronised() else { return #expect(Bool(false)) }
        #expect(operations[0].id == 1)
    }

    @Test func `F21: an operation whose check of the process fails was not executed, and may use another connection`() {
        for isNew in [true, false] {
            var pipeline = TestPipeline()
            if !isNew {
                _ = pipeline.send([Self.operation(1)], statementNames: ["check"], beginsWithCheck: true)
                for result in ["prepared", "checked"] { pipeline.received(result) }
                _ = pipeline.synchronised()
            }
            _ = pipeline.send([Self.operation(2, writes: true)], statementNames: ["check", "s"], beginsWithCheck: true)
            if isNew { pipeline.received("prepared") }
            pipeline.received(Self.error("22P02"))
            guard case .unfit(let operations, _) = pipeline.synchronised() else { return #expect(Bool(false)) }
            #expect(operations[0].id == 2)
            _ = pipeline.send([Self.operation(3, writes: true)], statementNames: ["check", "s"], beginsWithCheck: true)
            pipeline.received("checked")
            pipeline.received(Self.error("23505"))
            guard case .failed = pipeline.synchronised() else { return #expect(Bool(false)) }
        }
    }

    @Test func `F21: a statement is not prepared again if the pooler does that by itself`() {
        var pipeline = TestPipeline(poolerKeepsNames: true)
        let first = pipeline.send([Self.operation(1)], statementNames: ["check", "s"], beginsWithCheck: true)
        #expect(first == [.prepare(0), .execute(0), .prepare(1), .execute(1)])
        pipeline.received(Self.error("22P02"))
        guard case .unfit = pipeline.synchronised() else { return #expect(Bool(false)) }
        let second = pipeline.send([Self.operation(2)], statementNames: ["check", "s"], beginsWithCheck: true)
        #expect(second == [.execute(0), .execute(1)])
    }

    @Test func `an end without a result is a loss, not a success`() {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1, writes: true)], statementNames: ["s"])
        guard case .lost(let operations) = pipeline.synchronised() else { return #expect(Bool(false)) }
        guard case .outcomeUnknown = operations[0].lost("x") else { return #expect(Bool(false)) }
        guard case .unavailable = Self.operation(2).lost("x") else { return #expect(Bool(false)) }
    }

    @Test func `deadlines are told of all, the connection's fate by the oldest`() {
        var pipeline = TestPipeline()
        _ = pipeline.send([Self.operation(1, deadline: .seconds(60))], statementNames: ["s"])
        _ = pipeline.send([Self.operation(2, deadline: .seconds(-1))], statementNames: ["s"])
        #expect(pipeline.overdue(at: .now).map(\.id) == [2])
        #expect(pipeline.headDeadline! > .now)
        #expect(pipeline.nextDeadline(after: .now)! > .now)
        #expect(pipeline.lose().map(\.id) == [1, 2])
        #expect(pipeline.isEmpty)
    }

    @Test func `messages that no caller waits for change nothing`() {
        var pipeline = TestPipeline()
        pipeline.received("rows")
        pipeline.received(Self.error("XX000"))
        #expect(pipeline.synchronised() == nil)
    }
}
