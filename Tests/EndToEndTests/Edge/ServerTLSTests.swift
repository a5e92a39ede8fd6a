import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// The server's own TLS, seen by curl and openssl.
@Suite struct ServerTLSTests {
    /// A server with a certificate of its own, whose files may be changed.
    private struct Secured: Sendable {
        let server: ServerProcess
        let folder: TemporaryFolder

        static func with(_ body: (Secured) async throws -> Void) async throws {
            try await TestDatabase.with { database in
                let folder = try TemporaryFolder()
                try await make(["one", "two"], in: folder)
                try await use("one", in: folder)
                let environment = [
                    "TLS_CERTIFICATE_FILE": folder.url.path + "/certificate.pem", "TLS_PRIVATE_KEY_FILE": folder.url.path + "/key.pem",
                ]
                let server = try await ServerProcess.start(database: database.conninfo, environment: environment)
                defer { server.kill() }
                try await body(Secured(server: server, folder: folder))
            }
        }

        /// Certificates of one host, told apart by their organisation; all of them trusted.
        private static func make(_ names: [String], in folder: TemporaryFolder) async throws {
            for name in names {
                let request =
                    "openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 1 -nodes -subj /CN=localhost/O=\(name)"
                try await Program.bash(
                    "cd '\(folder.url.path)'; \(request) -addext subjectAltName=DNS:localhost -out \(name).crt -keyout \(name).key 2>&1; "
                        + "cat \(name).crt >>trusted.pem")
            }
        }

        private static func use(_ name: String, in folder: TemporaryFolder) async throws {
            try await Program.bash("cd '\(folder.url.path)'; cp \(name).crt certificate.pem; cp \(name).key key.pem")
        }

        func use(_ name: String) async throws { try await Self.use(name, in: folder) }

        func write(_ text: String, to file: String) throws {
            try Data(text.utf8).write(to: folder.url.appending(path: file))
        }

        /// What curl says that it got, with the head.
        func curl(_ path: String, _ arguments: String = "") async throws -> String {
            try await Program.bash(
                "curl -si --cacert '\(folder.url.path)/trusted.pem' \(arguments) 'https://localhost:\(server.port)\(path)'")
        }

        /// The organisation of the certificate that a new connection gets.
        func organisation() async throws -> String {
            let client = "openssl s_client -connect 127.0.0.1:\(server.port) -servername localhost </dev/null 2>/dev/null"
            let subject = try await Program.bash("\(client) | openssl x509 -noout -subject -nameopt multiline")
            return subject.firstMatch(of: /organizationName += (\w+)/).map { String($0.1) } ?? ""
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT4: over TLS both ways and the parser say that no browser may ask without; plain HTTP and old versions are refused`()
        async throws
    {
        try await Secured.with { secured in
            let person = #"{"email":"ada@example.org","password":"\#(Person.password)","password2":"\#(Person.password)"}"#
            let type = "-H 'Content-Type: application/json'"
            #expect(try await secured.curl("/api/register/", "\(type) --data-raw '\(person)'").hasPrefix("HTTP/1.1 201"))
            let login = try await secured.curl(
                "/api/auth/login/", #"\#(type) --data-raw '{"email":"ada@example.org","password":"\#(Person.password)"}'"#)
            let token = try #require(login.firstMatch(of: /"access_token":"([^"]+)"/).map { String($0.1) })
            for (path, header, status) in [
                ("/api/profile/", "Authorization: Bearer \(token)", 200), ("/api/profile/?", "Authorization: Bearer \(token)", 200),
                ("/api/profile/", "Authorization: Bearer x", 401), ("/nowhere", "X: a", 404), ("/livez", "Content-Length: x", 400),
            ] {
                let answer = try await secured.curl(path, "-H '\(header)'")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(path): \(answer)")
                #expect(answer.contains("Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"), "\(path): \(answer)")
            }
            await #expect(throws: Program.Failure.self) { try await secured.curl("/livez", "--tls-max 1.1") }
            #expect(try await secured.curl("/livez", "--tls-max 1.2").hasPrefix("HTTP/1.1 200"))
            let plain = String(
                decoding: try await secured.server.http.raw(Array("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n".utf8)), as: UTF8.self)
            #expect(!plain.contains("HTTP/1.1"))
            let environment = [
                "DATABASE_URL": "postgresql:///x", "PORT": "\(secured.server.port)",
                "TLS_CERTIFICATE_FILE": secured.folder.url.path + "/certificate.pem",
                "TLS_PRIVATE_KEY_FILE": secured.folder.url.path + "/key.pem",
            ]
            #expect(try await Program.authAPI("health", environment: environment).status == 0)
            #expect(secured.server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F34: certificates are replaced under load without one failure`() async throws {
        try await Secured.with { secured in
            let load = Task {
                try await secured.curl(
                    "/livez#[1-600]", "-Z --parallel-max 8 --no-progress-meter -o /dev/null -w '%{http_code}\\n' -H 'Connection: close'")
            }
            for number in 1...6 {
                try await secured.use(number.isMultiple(of: 2) ? "one" : "two")
                secured.server.reload()
                try await Task.sleep(for: .milliseconds(100))
            }
            let statuses = try await load.value.components(separatedBy: "\n").filter { $0.count == 3 }
            #expect(statuses.count == 600 && statuses.allSatisfy { $0 == "200" })
            try await secured.use("two")
            secured.server.reload()
            while try await secured.organisation() != "two" { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F34: files that do not belong together keep the old certificate, and a change is noticed without a signal`() async throws {
        try await Secured.with { secured in
            for (certificate, key) in [("garbage", nil), (nil, "garbage"), ("", ""), (nil, "two")] {
                try await secured.use("one")
                if let certificate { try secured.write(certificate, to: "certificate.pem") }
                if let key {
                    let text = key == "two" ? try String(contentsOf: secured.folder.url.appending(path: "two.key"), encoding: .utf8) : key
                    try secured.write(text, to: "key.pem")
                }
                let before = try secured.server.logText().components(separatedBy: "certificate not reloaded").count
                secured.server.reload()
                while try secured.server.logText().components(separatedBy: "certificate not reloaded").count == before {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await secured.organisation() == "one")
            }
            try await secured.use("two")
            while try await secured.organisation() != "two" { try await Task.sleep(for: .milliseconds(200)) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F34: who has no certificate to start with does not start`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("empty.pem")
        try await TestDatabase.with { database in
            for path in ["/nowhere.pem", "/empty.pem"] {
                let outcome = try await Program.authAPI(
                    "serve",
                    environment: [
                        "DATABASE_URL": database.conninfo, "TLS_CERTIFICATE_FILE": folder.url.path + path,
                        "TLS_PRIVATE_KEY_FILE": folder.url.path + path,
                    ])
                #expect(outcome.status != 0 && outcome.errors.contains("auth-api cannot start: "), "\(outcome.errors)")
            }
        }
    }
}
