import Logging
import ServiceLifecycle
import UnixSignals

/// The first SIGTERM or SIGINT lets the server finish what it has begun; a second ends it where it stands.
struct StopSignals: Sendable {
    private let signals: UnixSignalsSequence

    /// From now on such a signal no longer ends the process by itself.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    func obey(stopping group: ServiceGroup, logger: Logger) async {
        var isStopping = false
        for await signal in signals {
            logger.notice(isStopping ? "ended by a second signal" : "stopping", metadata: ["signal": "\(signal)"])
            // As a shell reports a process that a signal ended.
            if isStopping { endAtOnce(128 + signal.rawValue) }
            isStopping = true
            await group.triggerGracefulShutdown()
        }
    }
}
