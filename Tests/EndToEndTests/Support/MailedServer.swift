import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// The built server with a mail server beside it, and the links in the mails.
struct MailedServer: Sendable {
    let server: ServerProcess
    let database: TestDatabase
    let mails: MailServer

    var http: Loopback { server.http }

    static func with<Value>(
        environment: [String: String] = [:], _ script: @escaping MailServer.Script = { _, _ in nil },
        _ body: (MailedServer) async throws -> Value
    ) async throws -> Value {
        let mails = try MailServer(script)
        defer { mails.stop() }
        let mail = ["MAIL_URL": "smtp://127.0.0.1:\(mails.port)", "OPERATIONS_PORT": "0"]
        return try await ServerProcess.with(environment: mail.merging(environment) { $1 }) { server, database in
            try await body(MailedServer(server: server, database: database, mails: mails))
        }
    }

    func person(_ name: String) -> Person { Person("\(name)@example.org", on: server) }

    /// Registers and logs in.
    func signedIn(_ name: String) async throws -> (person: Person, tokens: Person.Tokens) {
        let person = person(name)
        try #require(try await Person.retrying { try await person.registration() }.status == 201)
        return (person, try await person.tokens())
    }

    /// The texts of the mails that an address has got, without their encoding.
    func texts(to email: String) -> [String] {
        mails.mails.filter { mail in mail.recipients == [email] }.map { mail in
            mail.text.replacingOccurrences(of: "=\r\n", with: "").replacingOccurrences(of: "=3D", with: "=")
        }
    }

    /// The token of the newest link of this kind, when the address has so many mails with one.
    ///
    /// - Parameter action: the last part of the path of the link.
    func token(_ action: String, to email: String, count: Int = 1) async throws -> String {
        for _ in 0..<400 {
            let tokens = texts(to: email).compactMap { text in
                text.firstMatch(of: try! Regex("/account/\(action)\\?token=(aot_[A-Za-z0-9_-]{70})", as: (Substring, Substring).self))
            }
            if tokens.count >= count { return String(tokens[tokens.count - 1].1) }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "no mail with the link \(action) to \(email): \(texts(to: email))")
    }

    /// Waits until no mail is queued or being sent.
    func waitUntilMailsAreDone() async throws {
        for _ in 0..<400 {
            if try await database.value("SELECT count(*) = 0 FROM mails WHERE finished_at IS NULL") == "t" { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("mails are still queued")
    }

    func post(_ path: String, bearer: String? = nil, _ members: KeyValuePairs<String, String>) async throws -> Loopback.Reply {
        let json = "{" + members.map { member in "\"\(member.key)\":\"\(member.value)\"" }.joined(separator: ",") + "}"
        return try await Person.retrying { try await http.post("/api/\(path)/", bearer: bearer, json: json) }
    }
}

extension Loopback.Reply {
    /// The answer without what differs from answer to answer: the time and the id of the request.
    var comparable: String {
        let fields = headers.filter { field in !["date", "x-request-id"].contains(field.name.lowercased()) }
        let body = body.replacing(/"request_id":"[^"]*"/, with: "")
        return "\(status)\n" + fields.map { field in "\(field.name): \(field.value)\n" }.joined() + body
    }
}
