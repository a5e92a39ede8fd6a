import FoundationEssentials
import NIOSSL

/// The files of a certificate chain and its key, both PEM.
struct TLSFiles: Sendable {
    let certificate: String
    let privateKey: String

    /// What they hold now.
    ///
    /// - Throws: a sentence for the operator where they cannot be read, or do not belong together.
    func context() throws(TLSProblem) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate)
            guard !chain.isEmpty else { throw TLSProblem(description: "\(certificate) has no certificate") }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: privateKey, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch let problem as TLSProblem {
            throw problem
        } catch {
            throw TLSProblem(description: "TLS_CERTIFICATE_FILE and TLS_PRIVATE_KEY_FILE are no certificate with its key: \(error)")
        }
    }

    /// Changes when what either file holds does; by a link that leads elsewhere, too.
    var fingerprint: Int {
        [certificate, privateKey].map { path in (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } }.hashValue
    }

    /// Whether everybody on this machine can read the key.
    var isPublic: Bool {
        let mode = (try? FileManager.default.attributesOfItem(atPath: privateKey))?[.posixPermissions] as? Int ?? 0
        return mode & 0o007 != 0
    }
}

/// What there is instead of a usable certificate.
struct TLSProblem: Error, CustomStringConvertible {
    let description: String
}
