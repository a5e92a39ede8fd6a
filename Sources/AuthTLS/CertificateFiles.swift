import FoundationEssentials
import NIOSSL

/// The files of a certificate chain and its key, both PEM.
public struct CertificateFiles: Sendable {
    let certificate: String
    let privateKey: String

    /// - Parameters:
    ///   - certificate: path of the chain, the server's own certificate first.
    ///   - privateKey: path of its key, not encrypted.
    public init(certificate: String, privateKey: String) {
        (self.certificate, self.privateKey) = (certificate, privateKey)
    }

    /// Reads both files. The result is empty if the server can use them.
    public func problems() -> [CertificateProblem] {
        let (chain, key) = (Result(catching: chain), Result(catching: key))
        var problems: [CertificateProblem] = []
        if case .failure(let problem) = chain { problems.append(problem) }
        if case .failure(let problem) = key { problems.append(problem) }
        if problems.isEmpty, case .failure(let problem) = Result(catching: context) { problems.append(problem) }
        return problems
    }

    /// The certificate and the key that the files have now.
    ///
    /// - Throws: ``CertificateProblem`` if the files cannot be read or do not belong together.
    func context() throws(CertificateProblem) -> NIOSSLContext {
        let chain = try chain()
        let key = try key()
        do {
            return try NIOSSLContext(configuration: Self.configuration(chain, key))
        } catch {
            throw Self.mismatch(chain, key)
        }
    }

    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private func chain() throws(CertificateProblem) -> [NIOSSLCertificate] {
        let text = try Self.read(certificate, "TLS_CERTIFICATE_FILE")
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)), !chain.isEmpty else {
            let isKey = text.contains("PRIVATE KEY-----")
            throw CertificateProblem(
                description: "TLS_CERTIFICATE_FILE=\(certificate) has \(isKey ? "a key, not a certificate" : "no certificate in PEM form")")
        }
        try Self.checkOrder(of: chain)
        return chain
    }

    private func key() throws(CertificateProblem) -> NIOSSLPrivateKey {
        let text = try Self.read(privateKey, "TLS_PRIVATE_KEY_FILE")
        // PKCS #8 (RFC 7468 §11), and OpenSSL's own form (RFC 1421 §4.6.1.1).
        guard !text.contains("BEGIN ENCRYPTED PRIVATE KEY"), !text.contains("Proc-Type: 4,ENCRYPTED") else {
            throw CertificateProblem(
                description: "TLS_PRIVATE_KEY_FILE=\(privateKey) is encrypted: the server cannot ask for its passphrase. "
                    + "Write it decrypted: openssl pkey -in \(privateKey) -out key.pem")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem) else {
            let isCertificate = text.contains("BEGIN CERTIFICATE")
            throw CertificateProblem(
                description: "TLS_PRIVATE_KEY_FILE=\(privateKey) has \(isCertificate ? "a certificate, not a key" : "no key in PEM form")")
        }
        return key
    }

    private static func read(_ path: String, _ name: String) throws(CertificateProblem) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw CertificateProblem(description: "\(name)=\(path) \(isThere ? "cannot be read as text by this user" : "is not there")")
        }
    }

    /// RFC 8446 §4.4.2: the server's own certificate comes first, and each one after it certifies the one before.
    private static func checkOrder(of chain: [NIOSSLCertificate]) throws(CertificateProblem) {
        let names = chain.map { (try? $0.toDERBytes()).flatMap(CertificateNames.init) }
        for (index, name) in names.enumerated().dropLast() {
            guard let name, let next = names[index + 1], name.issuer != next.subject, name.issuer != name.subject else { continue }
            guard names.contains(where: { $0?.subject == name.issuer }) else { continue }
            throw CertificateProblem(
                description:
                    "TLS_CERTIFICATE_FILE is in the wrong order: its certificate \(index + 2) does not certify number \(index + 1). "
                    + "Put the server's own certificate first, then the one that certifies it, and so on")
        }
    }

    private static func mismatch(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> CertificateProblem {
        let own = chain.firstIndex { (try? NIOSSLContext(configuration: configuration([$0], key))) != nil }
        guard let own else {
            return CertificateProblem(description: "TLS_PRIVATE_KEY_FILE is not the key of the certificate in TLS_CERTIFICATE_FILE")
        }
        return CertificateProblem(
            description: "TLS_CERTIFICATE_FILE is in the wrong order: the key is that of its certificate \(own + 1). "
                + "Put the server's own certificate first, then the one that certifies it, and so on")
    }

    /// Changes when the content of either file changes, also because a link leads to another file.
    var fingerprint: Int {
        [certificate, privateKey].map { path in (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } }.hashValue
    }
}

/// The reason why the files cannot be used, in a sentence for the operator.
public struct CertificateProblem: Error, CustomStringConvertible {
    public let description: String
}
