import AuthTestSupport
import ServerTestSupport
import Testing

@Suite struct ClientAddressTests {
    /// The addresses of the failed logins that the audit trail has, in their order.
    private static func addresses(proxies: String, headers: [[(String, String)]]) async throws -> [[String?]] {
        try await ServerProcess.with(environment: ["TRUSTED_PROXIES": proxies]) { server, database in
            for (number, fields) in headers.enumerated() {
                let body = Array(#"{"email":"ada.\#(number)@example.org","password":"plum tree over the wall 7"}"#.utf8)
                let reply = try await server.http.send(
                    "POST", "/api/auth/login/", headers: [("Content-Type", "application/json")] + fields, body: body)
                #expect(reply.status == 401)
            }
            return try await database.query("SELECT ip FROM audit.events ORDER BY occurred_at")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL4: no header changes the address of somebody who is no trusted proxy`() async throws {
        let names = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"]
        let forged = names.map { [($0, $0 == "Forwarded" ? "for=198.51.100.1" : "198.51.100.1")] }
        let found = try await Self.addresses(proxies: "10.0.0.0/8", headers: forged)
        #expect(found == forged.map { _ in ["127.0.0.1"] })
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL4: a proxy that nobody named is told of, once`() async throws {
        try await ServerProcess.with { server, _ in
            for _ in 0..<3 { _ = try await server.http.send("GET", "/livez", headers: [("X-Forwarded-For", "198.51.100.1")]) }
            try await server.waitUntilLog(contains: "TRUSTED_PROXIES is none")
            let told = try server.logText().matches(of: /TRUSTED_PROXIES is none/)
            #expect(told.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL4: of a trusted proxy one header is believed, from the right`() async throws {
        let found = try await Self.addresses(
            proxies: "127.0.0.0/8",
            headers: [
                [("X-Forwarded-For", "198.51.100.1")], [("X-Forwarded-For", "203.0.113.9, 2001:db9::1")],
                [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.2")], [("X-Forwarded-For", "198.51.100.1, a")],
                [("X-Real-IP", "198.51.100.1")], [],
            ])
        #expect(found == ["198.51.100.1", "2001:db9::1", "198.51.100.2", "127.0.0.1", "127.0.0.1", "127.0.0.1"].map { [$0] })
    }

    /// The client is not the proxy here: it comes from another address of the loopback network.
    @Test(.timeLimit(.minutes(5)))
    func `RL4: behind the HAProxy that we ship a client is where it comes from, whatever it says`() async throws {
        try await ServerProcess.with(environment: ["TRUSTED_PROXIES": "127.0.0.1"]) { server, database in
            let proxy = try await ProxyProcess.start(instances: (server.port, server.port))
            defer { proxy.stop() }
            while try await Loopback(port: proxy.port).get("/readyz").status != 200 {}
            try await Program.bash(
                #"""
                for forged in 'X-Forwarded-For: 203.0.113.9' 'X-Forwarded-For: 127.0.0.1' 'X-Forwarded-For: a' 'x_forwarded_for: 203.0.113.9' 'A: b'; do
                  curl -s --interface 127.0.0.2 -o /dev/null -H 'Content-Type: application/json' -H "$forged" \
                    -d '{"email":"ada@example.org","password":"wrong"}' "http://127.0.0.1:$PORT/api/auth/login/"
                done
                """#, environment: ["PORT": "\(proxy.port)"])
            #expect(try await database.query("SELECT DISTINCT ip, count(*) FROM audit.events GROUP BY 1") == [["127.0.0.2", "6"]])
        }
    }
}
