import Testing

@testable import LibPQ

/// Dispatcher and pipelines together, driven by random events of a known seed: connections come, go and are recycled, callers
/// cancel, deadlines pass.
@Suite struct ModelTests {
    @Test(arguments: 0..<64)
    func `every operation is answered once, no write is sent twice, and no bound is passed`(seed: Int) {
        var model = Model(seed: UInt64(seed))
        for _ in 0..<4000 { model.step() }
        model.finish()
        #expect(model.problems.isEmpty, "seed \(seed)")
        #expect(model.submitted.count > 500 && model.answers.count == model.submitted.count, "seed \(seed)")
    }
}

private struct Model {
    private static let connections = 3
    private static let limits = Dispatcher<Int>.Limits(inFlightPerConnection: 4, queued: 10, itemsPerExecution: 6)

    private var random: SplitMix64
    private var dispatcher = Dispatcher<Int>(connections: connections, limits: limits)
    private var pipelines: [Pipeline<Int, String>?] = Array(repeating: nil, count: connections)
    private var isRecycling = Array(repeating: false, count: connections)
    private var now = ContinuousClock.now
    private var executions: [UInt64: Int] = [:]
    private(set) var submitted: [UInt64: Bool] = [:]
    private(set) var answers: [UInt64: Int] = [:]
    private(set) var problems: [String] = []

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    mutating func step() {
        let connection = Int.random(in: 0..<Self.connections, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: submit()
        case 35..<55: send(connection)
        case 55..<85: receive(connection)
        case 85..<90: cancel()
        case 90..<93: lose(connection)
        case 93..<98: connect(connection)
        default: pass()
        }
        let perConnection = Self.limits.inFlightPerConnection + Self.limits.itemsPerExecution
        if dispatcher.queuedCount > Self.limits.queued + Self.connections * perConnection {
            problems.append("the queue holds \(dispatcher.queuedCount)")
        }
        if Set(sharing.values).count > Self.limits.sharing { problems.append("\(sharing.count) share executions on more connections") }
        for pipeline in pipelines where (pipeline?.count ?? 0) > perConnection {
            problems.append("a connection has \(pipeline!.count) in flight")
        }
    }

    mutating func finish() {
        dispatcher.close()
        for connection in pipelines.indices { lose(connection) }
        for operation in dispatcher.abandon() { answer(operation) }
    }

    private mutating func answer(_ operation: Operation<Int>) {
        answers[operation.id, default: 0] += 1
        // Cancelled or overdue, it was answered before; in the real client the call itself hears only the first.
        if answers[operation.id]! > 1, !answeredEarly.contains(operation.id) { problems.append("\(operation.id) was answered twice") }
    }

    private var answeredEarly: Set<UInt64> = []

    private mutating func submit() {
        let id = UInt64(submitted.count + 1)
        let isWrite = Bool.random(using: &random)
        submitted[id] = isWrite
        let operation = Operation(
            id: id, isWrite: isWrite, deadline: now + .milliseconds(Int.random(in: 1...50, using: &random)), payload: 0,
            items: Int.random(in: 0...2, using: &random))
        if case .refused = dispatcher.submit(operation) { answer(operation) }
    }

    private mutating func send(_ connection: Int) {
        guard pipelines[connection] != nil, !isRecycling[connection] else { return }
        let taken = dispatcher.take(connection)
        for isWrite in [false, true] {
            let shared = taken.filter { $0.isShared && $0.isWrite == isWrite }
            if !shared.isEmpty { _ = pipelines[connection]!.send(shared, statementNames: ["shared \(isWrite)"]) }
        }
        for operation in taken {
            if operation.isShared {
                sharing[operation.id] = connection
            } else {
                _ = pipelines[connection]!.send([operation], statementNames: ["s\(operation.id % 5)"])
            }
            executions[operation.id, default: 0] += 1
            if operation.isWrite, executions[operation.id]! > 1, !unexecuted.contains(operation.id) {
                problems.append("write \(operation.id) was sent again after it may have been executed")
            }
            unexecuted.remove(operation.id)
        }
    }

    /// The connection of each operation that shares an execution now.
    private var sharing: [UInt64: Int] = [:]

    /// Writes that the server itself said were not executed.
    private var unexecuted: Set<UInt64> = []

    private mutating func receive(_ connection: Int) {
        guard let head = pipelines[connection], !head.isEmpty else { return }
        let kind = Int.random(in: 0..<10, using: &random)
        switch kind {
        case 0: pipelines[connection]!.received(PostgresServerError(sqlState: "23505", severity: "ERROR", messageForLog: ""))
        case 1: pipelines[connection]!.received(PostgresServerError(sqlState: "25006", severity: "ERROR", messageForLog: ""))
        default: pipelines[connection]!.received("rows")
        }
        let outcome = pipelines[connection]!.synchronised()
        for operation in outcome?.operations ?? [] {
            dispatcher.finished(operation, on: connection)
            sharing[operation.id] = nil
        }
        switch outcome {
        case .succeeded(let operations, _), .failed(let operations, _), .lost(let operations): operations.forEach { answer($0) }
        case .misplaced(let operations, _), .unfit(let operations, _):
            isRecycling[connection] = true
            for operation in operations.reversed() {
                unexecuted.insert(operation.id)
                if !dispatcher.requeue(operation, now: now) { answer(operation) }
            }
        case nil: problems.append("a synchronisation point without an operation")
        }
        if isRecycling[connection], pipelines[connection]!.isEmpty { lose(connection) }
    }

    private mutating func cancel() {
        guard let id = submitted.keys.filter({ answers[$0] == nil }).min() else { return }
        if dispatcher.cancel(id) {
            answers[id] = 1
        } else {
            answeredEarly.insert(id)
        }
    }

    private mutating func lose(_ connection: Int) {
        guard var pipeline = pipelines[connection] else { return }
        let lost = pipeline.lose()
        for operation in lost { sharing[operation.id] = nil }
        pipelines[connection] = nil
        isRecycling[connection] = false
        dispatcher.becameLost(connection)
        for operation in lost.reversed() where operation.isWrite || !dispatcher.requeue(operation, now: now) { answer(operation) }
    }

    private mutating func connect(_ connection: Int) {
        guard pipelines[connection] == nil else { return }
        pipelines[connection] = Pipeline()
        dispatcher.becameReady(connection)
    }

    private mutating func pass() {
        now += .milliseconds(10)
        for operation in dispatcher.expire(now: now) { answer(operation) }
    }
}

/// A small generator with a seed (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
