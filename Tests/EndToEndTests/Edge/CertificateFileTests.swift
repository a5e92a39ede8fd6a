import Foundation
import AuthTestSupport
import ServerTestSupport
import Testing

/// Certificates and keys that cannot be used, and what the start says of each.
@Suite struct CertificateFileTests {
    /// A root, an intermediate and the server's own certificate, with other forms of its key.
    private static let preparation = #"""
        cd "$FOLDER"
        new() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout $1.key -out $1.csr 2>/dev/null; }
        printf 'basicConstraints=CA:TRUE' >authority
        for name in root middle own other; do new $name; done
        openssl x509 -req -in root.csr -key root.key -days 1 -extfile authority -out root.crt 2>/dev/null
        openssl x509 -req -in middle.csr -CA root.crt -CAkey root.key -CAcreateserial -days 1 -extfile authority -out middle.crt 2>/dev/null
        openssl x509 -req -in own.csr -CA middle.crt -CAkey middle.key -CAcreateserial -days 1 -out own.crt 2>/dev/null
        cat own.crt middle.crt root.crt >right.pem
        cat middle.crt own.crt >reversed.pem
        cat own.crt root.crt middle.crt >mixed.pem
        openssl pkey -in own.key -aes256 -passout pass:canary -out encrypted.key
        openssl ec -in own.key -aes256 -passout pass:canary -out traditional.key 2>/dev/null
        echo nothing >nothing.pem
        """#

    @Test(.timeLimit(.minutes(5)))
    func `a certificate or key that cannot be used is told as what it is`() async throws {
        let folder = try TemporaryFolder()
        try await Program.bash(Self.preparation, environment: ["FOLDER": folder.url.path])
        for (certificate, key, words) in [
            ("reversed.pem", "own.key", "wrong order: the key is that of its certificate 2"),
            ("mixed.pem", "own.key", "wrong order: its certificate 2 does not certify number 1"),
            ("right.pem", "encrypted.key", "is encrypted"), ("right.pem", "traditional.key", "is encrypted"),
            ("right.pem", "other.key", "TLS_PRIVATE_KEY_FILE is not the key of the certificate"),
            ("own.key", "own.key", "has a key, not a certificate"), ("right.pem", "own.crt", "has a certificate, not a key"),
            ("nothing.pem", "own.key", "has no certificate in PEM form"), ("right.pem", "nothing.pem", "has no key in PEM form"),
            ("absent.pem", "own.key", "absent.pem is not there"),
        ] {
            let outcome = try await Program.authAPI(
                "serve",
                environment: [
                    "DATABASE_URL": "postgresql:///x", "TLS_CERTIFICATE_FILE": "\(folder.url.path)/\(certificate)",
                    "TLS_PRIVATE_KEY_FILE": "\(folder.url.path)/\(key)",
                ])
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(certificate) \(key): \(outcome.errors)")
            for foreign in ["canary", "NIOSSL", "BoringSSL"] { #expect(!outcome.errors.contains(foreign), "\(outcome.errors)") }
        }
        // The right order passes that check: only the database is missing.
        let right = try await Program.authAPI(
            "migrate",
            environment: [
                "DATABASE_URL": "postgresql://127.0.0.1:\(Listener.freePort())/x", "TLS_CERTIFICATE_FILE": "\(folder.url.path)/right.pem",
                "TLS_PRIVATE_KEY_FILE": "\(folder.url.path)/own.key",
            ])
        #expect(right.status == 1 && !right.errors.contains("TLS_"), "\(right.errors)")
    }
}
