import Testing

@testable import LibPQ

@Suite struct DispatcherTests {
    private static func dispatcher(connections: Int = 2, inFlight: Int = 2, queued: Int = 3) -> Dispatcher<Int> {
        Dispatcher(connections: connections, limits: .init(inFlightPerConnection: inFlight, queued: queued))
    }

    private static func operation(_ id: UInt64, deadline: Duration = .seconds(60), items: Int = 0) -> Operation<Int> {
        Operation(id: id, isWrite: false, deadline: .now + deadline, payload: 0, items: items)
    }

    @Test func `without a connection operations wait, up to a bound`() {
        var dispatcher = Self.dispatcher()
        for id in 1...3 {
            guard case .queued = dispatcher.submit(Self.operation(UInt64(id))) else { return #expect(Bool(false)) }
        }
        guard case .refused(let reason) = dispatcher.submit(Self.operation(4)) else { return #expect(Bool(false)) }
        #expect(reason == "queue full")
        dispatcher.becameReady(0)
        #expect(dispatcher.take(0).map(\.id) == [1, 2])
        #expect(dispatcher.take(0).isEmpty)
        dispatcher.finished(Self.operation(1), on: 0)
        #expect(dispatcher.take(0).map(\.id) == [3])
    }

    @Test func `an operation goes to the ready connection with the fewest`() {
        var dispatcher = Self.dispatcher()
        dispatcher.becameReady(0)
        dispatcher.becameReady(1)
        let chosen = (1...4).compactMap { id -> Int? in
            if case .wake(let connection) = dispatcher.submit(Self.operation(UInt64(id))) { connection } else { nil }
        }
        #expect(chosen == [0, 1, 0, 1])
        guard case .queued = dispatcher.submit(Self.operation(5)) else { return #expect(Bool(false)) }
    }

    @Test func `what a lost connection had not sent goes before what waits`() {
        var dispatcher = Self.dispatcher(connections: 1)
        dispatcher.becameReady(0)
        for id in 1...3 { _ = dispatcher.submit(Self.operation(UInt64(id))) }
        dispatcher.becameLost(0)
        #expect(dispatcher.queuedCount == 3)
        dispatcher.becameReady(0)
        #expect(dispatcher.take(0).map(\.id) == [1, 2])
    }

    @Test func `an operation is tried again once, in time, while the queue is open`() {
        var dispatcher = Self.dispatcher()
        let late = dispatcher.requeue(Self.operation(1, deadline: .seconds(-1)), now: .now)
        #expect(!late)
        let first = dispatcher.requeue(Self.operation(2), now: .now)
        #expect(first)
        dispatcher.becameReady(0)
        let again = dispatcher.take(0)[0]
        let second = dispatcher.requeue(again, now: .now)
        #expect(again.wasRequeued && !second)
        dispatcher.close()
        let closed = dispatcher.requeue(Self.operation(3), now: .now)
        #expect(!closed)
    }

    @Test func `those whose time is up leave the queue`() {
        var dispatcher = Self.dispatcher()
        _ = dispatcher.submit(Self.operation(1, deadline: .seconds(-1)))
        _ = dispatcher.submit(Self.operation(2))
        #expect(dispatcher.nearestQueuedDeadline! < .now)
        #expect(dispatcher.expire(now: .now).map(\.id) == [1])
        #expect(dispatcher.queuedCount == 1 && dispatcher.nearestQueuedDeadline! > .now)
    }

    @Test func `only what is unsent can be taken back`() {
        var dispatcher = Self.dispatcher(connections: 1)
        dispatcher.becameReady(0)
        _ = dispatcher.submit(Self.operation(1))
        _ = dispatcher.take(0)
        for id in 2...3 { _ = dispatcher.submit(Self.operation(UInt64(id))) }
        let taken = [1, 2, 3].map { dispatcher.cancel($0) }
        #expect(taken == [false, true, true])
        #expect(dispatcher.queuedCount == 0 && dispatcher.inFlightCount == 1)
    }

    @Test func `closed, it takes nothing and gives up what was never sent`() {
        var dispatcher = Self.dispatcher(connections: 1)
        dispatcher.becameReady(0)
        for id in 1...3 { _ = dispatcher.submit(Self.operation(UInt64(id))) }
        dispatcher.close()
        guard case .refused = dispatcher.submit(Self.operation(4)) else { return #expect(Bool(false)) }
        #expect(Set(dispatcher.abandon().map(\.id)) == [1, 2, 3])
        #expect(dispatcher.isIdle)
    }

    @Test func `those that share and wait leave together, and none while others are in flight`() {
        var dispatcher = Self.dispatcher(connections: 1)
        dispatcher.becameReady(0)
        guard case .wake(connection: 0) = dispatcher.submit(Self.operation(1, items: 1)) else { return #expect(Bool(false)) }
        #expect(dispatcher.take(0).map(\.id) == [1])
        for id in 2...3 {
            guard case .queued = dispatcher.submit(Self.operation(UInt64(id), items: 1)) else { return #expect(Bool(false)) }
        }
        #expect(!dispatcher.hasWork(for: 0) && dispatcher.take(0).isEmpty)
        dispatcher.finished(Self.operation(1, items: 1), on: 0)
        #expect(dispatcher.hasWork(for: 0) && dispatcher.take(0).map(\.id) == [2, 3])
    }

    @Test func `an execution takes so many items, and one operation of more by itself`() {
        var dispatcher = Self.dispatcher(connections: 1, queued: 10)
        dispatcher.becameReady(0)
        for (id, items) in [(1, 100), (2, 28), (3, 1), (4, 500), (5, 1)] {
            _ = dispatcher.submit(Self.operation(UInt64(id), items: items))
        }
        for expected: [UInt64] in [[1, 2], [3], [4], [5]] {
            let taken = dispatcher.take(0)
            #expect(taken.map(\.id) == expected)
            for operation in taken { dispatcher.finished(operation, on: 0) }
        }
    }

    @Test func `neither those that share nor the others keep each other waiting`() {
        var dispatcher = Self.dispatcher(connections: 1)
        dispatcher.becameReady(0)
        _ = dispatcher.submit(Self.operation(1))
        _ = dispatcher.submit(Self.operation(2, items: 1))
        #expect(dispatcher.take(0).map(\.id) == [1, 2])
        _ = dispatcher.submit(Self.operation(3, items: 1))
        _ = dispatcher.submit(Self.operation(4))
        #expect(dispatcher.take(0).map(\.id) == [4])
        dispatcher.finished(Self.operation(2, items: 1), on: 0)
        #expect(dispatcher.take(0).map(\.id) == [3])
    }
}
