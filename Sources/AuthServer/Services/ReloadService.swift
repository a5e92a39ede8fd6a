import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the certificate again on SIGHUP.
struct ReloadService: Service {
    /// `nil` if the server speaks plain HTTP.
    let certificate: (any ServerCertificate)?
    let logger: Logger

    /// Makes the server ignore signals that end a process by default and mean something else to operators: SIGHUP also comes when a
    /// terminal is closed, and programs that rotate logs send SIGUSR1 and SIGUSR2. Call it first, because a signal may come early.
    static func ignoreSignals() {
        for number in [SIGHUP, SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                if let certificate { certificate.reload() } else { logger.notice("nothing to read again: there is no certificate") }
            }
        }
    }
}
