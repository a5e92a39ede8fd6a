import Testing

@testable import AuthMail

@Suite struct SMTPQueueTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `the connection that had a mail last gets the next one`() {
        var queue = SMTPQueue<String>(connections: 3, maximumWaiting: 9)
        #expect(queue.submit("a", deadline: at(9)) == .wake(0))
        #expect(queue.submit("b", deadline: at(9)) == .wake(1))
        for connection in 0...1 { #expect(queue.next(for: connection, now: start).entry != nil) }
        for connection in [1, 0] { #expect(queue.next(for: connection, now: start).entry == nil) }
        #expect(queue.submit("c", deadline: at(9)) == .wake(0))
        #expect(queue.submit("d", deadline: at(9)) == .wake(1))
        #expect(queue.submit("e", deadline: at(9)) == .wake(2))
        #expect(queue.submit("f", deadline: at(9)) == .waits)
    }

    @Test func `mails wait in their order, no more than the limit`() {
        var queue = SMTPQueue<String>(connections: 0, maximumWaiting: 2)
        #expect(queue.submit("a", deadline: at(1)) == .waits)
        #expect(queue.submit("b", deadline: at(2)) == .waits)
        #expect(queue.submit("c", deadline: at(3)) == .full)
        #expect(queue.next(for: 0, now: start).entry?.job == "a")
        #expect(queue.submit("d", deadline: at(4)) == .waits)
        #expect(queue.next(for: 0, now: start).entry?.job == "b")
    }

    @Test func `a mail whose time is over is not sent`() {
        var queue = SMTPQueue<String>(connections: 0, maximumWaiting: 9)
        for (number, job) in ["a", "b", "c"].enumerated() { _ = queue.submit(job, deadline: at(number)) }
        let next = queue.next(for: 0, now: at(1))
        #expect(next.expired == ["a", "b"])
        #expect(next.entry?.job == "c")
    }

    @Test func `a closed queue gives back what waits, and takes nothing`() {
        var queue = SMTPQueue<String>(connections: 0, maximumWaiting: 9)
        _ = queue.submit("a", deadline: at(1))
        #expect(queue.close() == ["a"])
        #expect(queue.isClosed)
        #expect(queue.submit("b", deadline: at(1)) == .closed)
        #expect(queue.next(for: 0, now: start).entry == nil)
    }
}
