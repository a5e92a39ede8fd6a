import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// The mails that a server without a mail server keeps, and the pages that their links open.
@Suite struct CaughtMailTests {
    private struct Mail: Decodable {
        let id: String
        let to: String
        let subject: String
        let text: String
        let html: String
        let links: [String]
    }

    /// The listener for operators, which the log names.
    private static func catcher(of server: ServerProcess) async throws -> Loopback {
        try await server.waitUntilLogged("mails can be read: no MAIL_URL is set")
        let url = try #require(try server.logText().firstMatch(of: /"url":"http:\/\/127\.0\.0\.1:(\d+)\/mails"/))
        return Loopback(port: try #require(Int(url.1)))
    }

    private static func mail(to email: String, in catcher: Loopback) async throws -> Mail {
        for _ in 0..<400 {
            let mails = try JSONDecoder().decode([Mail].self, from: Data(try await catcher.get("/mails.json").body.utf8))
            if let mail = mails.first(where: { mail in mail.to == email }) { return mail }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "no mail to \(email)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE13: a mailed link that programs opened 20 times still works for its owner, and the log never has it`() async throws {
        try await ServerProcess.with { server, database in
            let (person, catcher) = (Person(on: server), try await Self.catcher(of: server))
            #expect(try await person.registration().status == 201)
            let link = try #require(try await Self.mail(to: person.email, in: catcher).links.first)
            let path = String(link.dropFirst("http://127.0.0.1:8000".count))
            for _ in 0..<10 {
                #expect(try await server.http.get(path).status == 200)
                #expect(try await server.http.send("HEAD", path).status == 200)
            }
            let verified = "SELECT count(*) FROM users WHERE email_verified_at IS NOT NULL"
            #expect(try await database.value(verified) == "0")
            let form = Array("token=\(try #require(path.split(separator: "=").last))".utf8)
            let type = [("Content-Type", "application/x-www-form-urlencoded")]
            #expect(try await server.http.send("POST", "/account/verify", headers: type, body: form).status == 200)
            #expect(try await database.value(verified) == "1")
            #expect(try await server.http.send("POST", "/account/verify", headers: type, body: form).status == 400)
            let log = try server.logText()
            #expect(log.contains("/account/verify") && !log.contains("aot_"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the catcher shows each mail with its links, and nothing in it runs`() async throws {
        try await ServerProcess.with(environment: ["SERVICE_NAME": "<i>Example</i>"]) { server, _ in
            let (person, catcher) = (Person(on: server), try await Self.catcher(of: server))
            #expect(try await person.registration().status == 201)
            let mail = try await Self.mail(to: person.email, in: catcher)
            let start = try await catcher.get("/")
            #expect((300..<400).contains(start.status) && start["Location"] == "/mails")
            let list = try await catcher.get("/mails")
            #expect(list.status == 200 && list.body.contains(#"<a href="/mails/\#(mail.id)">"#) && !list.body.contains("<i>"))
            let page = try await catcher.get("/mails/\(mail.id)")
            #expect(page.status == 200 && page.body.contains(#"<a href="\#(mail.links[0])""#) && !page.body.contains("<i>"))
            #expect(page.body.contains("<iframe") && page.body.contains(#"sandbox="allow-popups allow-popups-to-escape-sandbox""#))
            for answer in [list, page] {
                #expect(answer["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src ") == true)
                #expect(answer["Cache-Control"] == "no-store")
            }
            #expect(try await catcher.get("/mails/\(UUID())").status == 404)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the catcher refuses the page of another site, whichever name that uses for this machine`() async throws {
        try await ServerProcess.with { server, _ in
            let catcher = try await Self.catcher(of: server)
            for path in ["/", "/mails", "/mails.json"] {
                let rebound = "GET \(path) HTTP/1.1\r\nHost: evil.example:\(catcher.port)\r\nConnection: close\r\n\r\n"
                #expect(try await catcher.exchange(Array(rebound.utf8)).status == 403)
                #expect(try await catcher.send("GET", path, headers: [("Sec-Fetch-Site", "cross-site")]).status == 403)
            }
            #expect(try await server.http.get("/mails.json").status == 404, "the public listener has no mails")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a taken OPERATIONS_PORT is told in the words of the setting, and the server serves`() async throws {
        try await ServerProcess.with { first, database in
            let port = try await Self.catcher(of: first).port
            let second = try await ServerProcess.start(database: database.conninfo, environment: ["OPERATIONS_PORT": "\(port)"])
            try await second.waitUntilLog(contains: "mails cannot be read: OPERATIONS_PORT=\(port) is taken")
            #expect(try await second.http.get("/readyz").status == 200)
            #expect(second.terminate() == 0)
        }
    }
}
