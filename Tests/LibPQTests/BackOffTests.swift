import Testing

@testable import LibPQ

@Suite struct BackOffTests {
    @Test func `waits double up to half a second, spread by jitter, and start anew`() {
        var backOff = BackOff()
        let longest = (0..<8).map { _ in backOff.next(jitter: 1) }
        #expect(longest == [25, 50, 100, 200, 400, 500, 500, 500].map(Duration.milliseconds))
        #expect(backOff.next(jitter: 0) == .milliseconds(250))
        backOff.reset()
        #expect(backOff.next(jitter: 0) == .milliseconds(12.5))
    }
}
