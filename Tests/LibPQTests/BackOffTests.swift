import Testing

@testable import LibPQ

@Suite struct BackOffTests {
    @Test func `waits double up to two seconds, spread by jitter, and start anew`() {
        var backOff = BackOff()
        let longest = (0..<9).map { _ in backOff.next(jitter: 1) }
        #expect(longest == [25, 50, 100, 200, 400, 800, 1600, 2000, 2000].map(Duration.milliseconds))
        #expect(backOff.next(jitter: 0) == .milliseconds(1000))
        backOff.reset()
        #expect(backOff.next(jitter: 0) == .milliseconds(12.5))
    }
}
