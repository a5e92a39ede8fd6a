import Logging
import ServiceLifecycle
import UnixSignals

/// The first SIGTERM or SIGINT lets the server finish the requests that have begun. A second ends it immediately, unless it comes in the
/// same second: `timeout` and other programs that start a server signal both the process and its group.
struct StopSignals: Sendable {
    private static let pause: Duration = .seconds(1)

    private let signals: UnixSignalsSequence

    /// From now on such a signal no longer ends the process by itself.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    /// Stops the services at the first signal.
    func stop(_ group: ServiceGroup, logger: Logger) async {
        var first: ContinuousClock.Instant?
        for await signal in signals {
            if let first {
                guard ContinuousClock.now - first > Self.pause else {
                    logger.notice("a signal that came together with the first is ignored; a later one ends the server")
                    continue
                }
                logger.notice("ended by a second signal", metadata: ["signal": "\(signal)"])
                // The status that a shell reports for a process that a signal ended.
                endImmediately(128 + signal.rawValue)
            }
            first = .now
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
        }
    }
}
