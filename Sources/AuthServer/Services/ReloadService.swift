import AuthCrypto
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the certificate and opens the list of stolen passwords again on SIGHUP.
struct ReloadService: Service {
    /// `nil` if the server speaks plain HTTP.
    let certificate: (any ServerCertificate)?
    /// `nil` if there is none.
    let blocklist: PasswordBlocklistFile?
    let logger: Logger

    /// Makes the server ignore signals that end a process by default and mean something else to operators: SIGHUP also comes when a
    /// terminal is closed, and programs that rotate logs send SIGUSR1 and SIGUSR2. Call it first, because a signal may come early.
    static func ignoreSignals() {
        for number in [SIGHUP, SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { reload() }
        }
    }

    private func reload() {
        if certificate == nil, blocklist == nil {
            logger.notice("nothing to read again: there is no certificate and no list of stolen passwords")
        }
        certificate?.reload()
        blocklist?.reload(logger: logger)
    }
}

extension PasswordBlocklistFile {
    fileprivate func reload(logger: Logger) {
        do throws(PasswordBlocklistProblem) {
            try reload()
            logger.notice("list of stolen passwords reloaded", metadata: ["entries": .stringConvertible(count)])
        } catch {
            logger.error(
                "list of stolen passwords not reloaded, the old one stays in use", metadata: ["reason": "the file \(error.reason)"])
        }
    }
}
