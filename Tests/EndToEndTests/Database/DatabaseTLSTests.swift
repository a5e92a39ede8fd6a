import Foundation
import LibPQ
import ServerTestSupport
import Testing

/// The way to PostgreSQL, encrypted, and both ends of it known by certificates of one authority.
@Suite struct DatabaseTLSTests {
    @Test(.timeLimit(.minutes(5)))
    func `CF4: a server that presents a client certificate works over verified TLS, and without one is let in nowhere`() async throws {
        try await Encrypted.with { encrypted in
            let server = try await ServerProcess.start(database: encrypted.conninfo())
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
            let ways =
                "SELECT DISTINCT ssl, client_dn FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'auth-api'"
            #expect(try await Encrypted.query(ways, encrypted.conninfo()) == [["t", "/CN=app"]])
            for refused in [
                try encrypted.conninfo(with: ["sslcert": "none", "sslkey": "none"]),
                try encrypted.conninfo(with: encrypted.certificate("stranger")),
                try encrypted.conninfo(with: encrypted.certificate("foreign")), try encrypted.conninfo(with: ["sslmode": "disable"]),
            ] {
                await #expect(throws: PostgresError.self, "\(refused)") { try await Encrypted.query("SELECT 1", refused) }
            }
        }
    }

    /// The first octets of a TLS connection ask for encryption and greet; a name, a password or SQL would be seen.
    @Test(.timeLimit(.minutes(5)), arguments: ["authority", "host", "expired", "downgrade"])
    func `CF4, F36: a database that cannot prove itself is refused with 503, and hears nothing in plain text`(_ flaw: String) async throws {
        try await Encrypted.with { encrypted in
            let server = try await ServerProcess.start(database: encrypted.conninfo(port: encrypted.wiretap.port))
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            switch flaw {
            case "authority": try await encrypted.present("foreign")
            case "host": try await encrypted.present("elsewhere")
            case "expired": try await encrypted.present("expired")
            default: try await encrypted.refuseTLS()
            }
            #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 503)
            #expect(try await person.login().status == 503)
            #expect(try await person.http.get("/readyz").status == 503)
            try await encrypted.present("server")
            _ = try await Person.retrying { try await person.http.get("/api/profile/", bearer: tokens.access) }
            #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
            #expect(encrypted.wiretap.connections > 1)
            for word in ["SELECT", "auth_api", "application_name", person.email] {
                #expect(!encrypted.wiretap.sent.contains(word), "\(word)")
            }
        }
    }
}

/// A PostgreSQL that lets `app` in by TLS and a client certificate alone, with certificates of several kinds, and a wiretap before it.
private struct Encrypted {
    let wiretap: Wiretap
    private let administrator: PostgresConninfo
    private let folder: TemporaryFolder
    private let data: String

    static func with(_ body: (Encrypted) async throws -> Void) async throws {
        try await Cluster.with { cluster in
            let administrator = try #require(PostgresConninfo(cluster.conninfo))
            let wiretap = Wiretap(port: try #require(administrator["port"].flatMap { Int($0) }))
            defer { wiretap.close() }
            let data = try #require(try await query("SHOW data_directory", cluster.conninfo).first?.first ?? nil)
            let encrypted = Encrypted(wiretap: wiretap, administrator: administrator, folder: try TemporaryFolder(), data: data)
            try await encrypted.makeCertificates()
            try await encrypted.turnOn()
            try await body(encrypted)
        }
    }

    /// As `app`, with its certificate, but for what is changed.
    func conninfo(with changes: [String: String] = [:], port: Int? = nil) throws -> String {
        var values = [
            "user": "app", "password": "", "sslmode": "verify-full", "sslrootcert": path("ours.crt"), "sslcert": path("client.crt"),
            "sslkey": path("client.key"),
        ].merging(changes) { $1 }
        if let port { values["port"] = "\(port)" }
        return try values.sorted { $0.key < $1.key }.reduce(administrator.replacing("user", with: "app")) { conninfo, value in
            try #require(PostgresConninfo(conninfo)).replacing(value.key, with: value.value)
        }
    }

    func certificate(_ name: String) -> [String: String] { ["sslcert": path("\(name).crt"), "sslkey": path("\(name).key")] }

    private func path(_ file: String) -> String { folder.url.appending(path: file).path }

    private func administer(_ sql: String) async throws {
        _ = try await Self.query(sql, administrator.replacing("sslmode", with: "prefer"))
    }

    static func query(_ sql: String, _ conninfo: String) async throws -> [[String?]] {
        try await PostgresScriptConnection.with(conninfo, applicationName: "test") { try $0.query(sql) }
    }

    /// One authority and what it vouches for; another, for strangers.
    private func makeCertificates() async throws {
        try await Program.bash(
            #"""
            cd "$FOLDER"
            authority() { openssl req -new -x509 -days 2 -nodes -subj "/CN=$1" -out "$1.crt" -keyout "$1.key" 2>/dev/null; }
            certificate() {  # name, authority, common name, addresses, days
              openssl req -new -nodes -subj "/CN=$3" -out "$1.csr" -keyout "$1.key" 2>/dev/null
              openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$5" -out "$1.crt" \
                -extfile <(echo "subjectAltName=$4") 2>/dev/null
              chmod 600 "$1.key"
            }
            authority ours
            authority theirs
            certificate server ours database IP:127.0.0.1 1
            certificate elsewhere ours database DNS:database.example.org 1
            certificate expired ours database IP:127.0.0.1 -1
            certificate foreign theirs app IP:127.0.0.1 1
            certificate client ours app DNS:client 1
            certificate stranger ours stranger DNS:client 1
            """#, environment: ["FOLDER": folder.url.path])
    }

    private func turnOn() async throws {
        try await administer("CREATE ROLE app SUPERUSER LOGIN")
        try await copy("ours.crt", to: "authority.crt")
        try await administer("ALTER SYSTEM SET ssl_ca_file = 'authority.crt'")
        let lines = "('hostssl all app 127.0.0.1/32 cert'), ('host all postgres 127.0.0.1/32 scram-sha-256')"
        try await administer("COPY (VALUES \(lines)) TO '\(data)/pg_hba.conf'")
        try await present("server")
    }

    /// From now on PostgreSQL shows this certificate, and the connections of before are gone.
    func present(_ name: String) async throws {
        try await copy("\(name).crt", to: "server.crt")
        try await copy("\(name).key", to: "server.key")
        try await restartTLS("on")
    }

    /// As somebody between the two would have it.
    func refuseTLS() async throws { try await restartTLS("off") }

    private func restartTLS(_ state: String) async throws {
        try await administer("ALTER SYSTEM SET ssl = \(state)")
        try await administer("SELECT pg_reload_conf(), pg_sleep(0.5)")
        try await administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
    }

    private func copy(_ file: String, to target: String) async throws {
        let text = try String(contentsOf: folder.url.appending(path: file), encoding: .utf8)
        let lines = text.split(separator: "\n").map { "('\($0)')" }.joined(separator: ",")
        let new = "\(data)/\(target).new"
        try await administer("COPY (VALUES \(lines)) TO PROGRAM 'cat > \(new) && chmod 600 \(new) && mv \(new) \(data)/\(target)'")
    }
}
