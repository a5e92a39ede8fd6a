public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOSSL
public import ServiceLifecycle

/// The certificate for new connections. It is read again when its files change, and when ``reload()`` is called.
///
/// Open connections keep the certificate that they began with. If the files are not a certificate and its key, nothing changes.
public final class TLSCertificate: Service {
    private static let interval: Duration = .seconds(5)

    private let files: CertificateFiles
    private let logger: Logger
    private let latest: NIOLockedValueBox<NIOSSLContext>
    private let initial: Int

    /// - Throws: ``CertificateProblem`` if the files are not a usable certificate.
    public init(files: CertificateFiles, logger: Logger) throws(CertificateProblem) {
        self.files = files
        self.logger = logger
        initial = files.fingerprint
        latest = NIOLockedValueBox(try files.context())
    }

    /// Makes the connection speak TLS with the latest certificate, before any other handler reads from it.
    public func addHandler(to channel: any Channel) throws {
        let context = latest.withLockedValue { $0 }
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context), position: .first)
    }

    /// Watches the files until the server stops.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown { try await self.watch() }
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

    /// Reads the files again, for new connections.
    public func reload() {
        do throws(CertificateProblem) {
            let context = try files.context()
            latest.withLockedValue { $0 = context }
            logger.notice("certificate reloaded")
        } catch {
            logger.error("certificate not reloaded, the old one stays in use", metadata: ["reason": "\(error)"])
        }
    }
}
