import Logging
import NIOCore
import ServiceLifecycle

#if TLS
    import AuthTLS
#endif

/// The certificate of a server that speaks TLS. As a service it watches its files.
protocol ServerCertificate: Service {
    /// Makes a new connection speak TLS.
    func addHandler(to channel: any Channel) throws

    /// Reads the files again. If they are not usable, the latest certificate stays in use.
    func reload()
}

#if TLS
    extension TLSCertificate: ServerCertificate {}

    extension TLSFiles {
        private var files: CertificateFiles { CertificateFiles(certificate: certificate, privateKey: privateKey) }

        /// A sentence for the operator for each thing that is wrong with the files.
        func problems() -> [String] { files.problems().map(\.description) }

        func serverCertificate(logger: Logger) throws -> any ServerCertificate { try TLSCertificate(files: files, logger: logger) }

        /// For `auth-api health`.
        static func addClientHandler(to channel: any Channel) throws { try HealthClient.addHandler(to: channel) }
    }
#else
    /// Without the trait TLS of Package.swift, BoringSSL is not built: it takes half of the time of a first build.
    extension TLSFiles {
        private static let missing = Refusal(
            "this program was built without TLS: build it with script/build, or unset TLS_CERTIFICATE_FILE")

        func problems() -> [String] { [Self.missing.description] }

        func serverCertificate(logger: Logger) throws -> any ServerCertificate { throw Self.missing }

        static func addClientHandler(to channel: any Channel) throws { throw Self.missing }
    }
#endif
