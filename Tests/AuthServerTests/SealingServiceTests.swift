import AuthCore
import AuthTestSupport
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import AuthServer

@Suite struct SealingServiceTests {
    /// A trail on which something holds the sealing up.
    private struct HeldUp: AuditTrailStore {
        let oldest: Timestamp?

        func seal(limit: Int) async throws(AuthError) -> Int? { nil }
        func ranges(after head: SealHead?, limit: Int, retention: Duration) async throws(AuthError) -> [SealedRange] { [] }
        func unsealed() async throws(AuthError) -> UnsealedEvents { UnsealedEvents(count: 3, oldest: oldest, fromTheFuture: 0) }
        func head() async throws(AuthError) -> SealHead { SealHead(number: 0, hash: "") }
    }

    @Test(arguments: [(nil, false), (Duration.seconds(3599), false), (.seconds(3601), true)] as [(Duration?, Bool)])
    func `LG4: an event that waits for its seal for more than an hour is told of`(age: Duration?, isTold: Bool) async {
        let clock = ManualClock()
        let oldest = age.map { age in
            let time = clock.now()
            clock.advance(by: age)
            return time
        }
        let lines = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "test") { label in
            LineLogHandler(
                label: label, format: .text, clock: clock, write: { line in lines.withLockedValue { $0.append(line) } }, logLevel: .info)
        }
        await SealingService(trail: HeldUp(oldest: oldest), clock: clock, logger: logger).tellOfDelay()
        #expect(
            lines.withLockedValue { $0.map { $0.contains("ERROR the audit trail has not been sealed for an hour") } }
                == (isTold ? [true] : []))
    }
}
