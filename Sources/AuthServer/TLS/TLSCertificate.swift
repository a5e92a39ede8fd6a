import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOSSL
import ServiceLifecycle
import UnixSignals

/// The certificate that new connections get: read again on SIGHUP, and when its files change.
///
/// Connections that are there keep the one that they began with. Files that are no certificate with its key change nothing.
final class TLSCertificate: Service {
    private static let interval: Duration = .seconds(5)

    private let files: TLSFiles
    private let logger: Logger
    private let latest: NIOLockedValueBox<NIOSSLContext>
    private let initial: Int

    init(files: TLSFiles, logger: Logger) throws(TLSProblem) {
        self.files = files
        self.logger = logger
        initial = files.fingerprint
        latest = NIOLockedValueBox(try files.context())
        // One that comes before ``run()`` listens ends nothing; the files are looked at a little later all the same.
        signal(SIGHUP, SIG_IGN)
    }

    var context: NIOSSLContext { latest.withLockedValue { $0 } }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        try? await cancelWhenGracefulShutdown { [self] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in signals { self.reload() } }
                group.addTask { try await self.watch() }
                try await group.waitForAll()
            }
        }
    }

    private func watch() async throws {
        var known = initial
        while true {
            try await Task.sleep(for: Self.interval)
            let current = files.fingerprint
            if current != known { reload() }
            known = current
        }
    }

    private func reload() {
        do throws(TLSProblem) {
            let context = try files.context()
            latest.withLockedValue { $0 = context }
            logger.notice("certificate reloaded")
        } catch {
            logger.error("certificate not reloaded, the old one stays in use", metadata: ["reason": "\(error)"])
        }
    }
}
