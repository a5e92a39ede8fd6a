import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What operators do with mails and with the lives of accounts, by the commands of the built program.
@Suite(.timeLimit(.minutes(5))) struct MailCommandTests {
    private static func run(
        _ arguments: [String], _ database: TestDatabase, _ environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let own = ["DATABASE_URL": database.conninfo, "LOG_LEVEL": "error", "OPERATIONS_PORT": "0"]
        return try await Program.authAPI(arguments, environment: own.merging(environment) { $1 })
    }

    /// The output of a command that must succeed.
    private static func output(_ database: TestDatabase, _ arguments: String...) async throws -> String {
        let outcome = try await run(arguments, database)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(arguments): \(outcome)")
        return outcome.output
    }

    @Test func `mails are listed, shown, cancelled and sent again`() async throws {
        try await TestDatabase.with { database in
            let none = try await Self.run(["mail", "list"], database)
            #expect(none.status == 0 && none.output.isEmpty && none.errors == "There is no mail.\n")
            #expect(
                try await Self.output(database, "user", "invite", "Ada@example.org", "--locale", "de-AT")
                    == "queued an invitation to ada@example.org\n")
            let list = try await Self.output(database, "mail", "list", "--state", "queued").split(separator: "\n")
            #expect(list.count == 2 && list[0].hasPrefix("ID ") && list[1].contains("  invitation  Ada@example.org  queued  0 "), "\(list)")
            let id = String(list[1].prefix { letter in letter != " " })
            let json = try await Self.output(database, "mail", "list", "--json")
            let line =
                #/\{"attempts":0,"created":"[^"]+","id":"([^"]+)","kind":"invitation","next_attempt":"[^"]+","state":"queued","to":"Ada@example.org"\}\n/#
            #expect(try line.wholeMatch(in: json)?.1 == Substring(id), "\(json)")
            let shown = try await Self.output(database, "mail", "show", id)
            #expect(shown.contains("id        \(id)\nkind      invitation\nto        Ada@example.org\naccount   none"), "\(shown)")
            #expect(shown.contains("state     queued\nattempts  0\ndue       "), "\(shown)")
            #expect(try await Self.run(["mail", "resend", id], database).status == 1)
            #expect(try await Self.output(database, "mail", "cancel", id) == "cancelled \(id)\n")
            #expect(try await Self.output(database, "mail", "show", id).contains("answer    An operator cancelled it.\n"))
            #expect(try await Self.run(["mail", "cancel", id], database).status == 1)
            #expect(try await Self.output(database, "mail", "resend", id) == "queued \(id)\n")
            let events = "SELECT type, user_agent FROM audit.events WHERE type LIKE 'mail%' ORDER BY occurred_at"
            #expect(try await database.query(events) == [["mail_cancelled", "auth-api mail"], ["mail_resent", "auth-api mail"]])
        }
    }

    @Test func `an address whose mails come back gets none until an operator says so`() async throws {
        try await TestDatabase.with { database in
            #expect(
                try await Self.output(database, "mail", "bounce", "A@example.org", "--reason", "550 no")
                    == "no more mails to a@example.org\n")
            #expect(try await Self.run(["mail", "bounce", "a@example.org"], database).status == 1)
            #expect(try await database.query("SELECT address, reason FROM mail_suppressions") == [["a@example.org", "550 no"]])
            _ = try await Self.output(database, "mail", "unbounce", "a@example.org")
            #expect(try await database.value("SELECT count(*) FROM mail_suppressions") == "0")
            #expect(try await Self.run(["mail", "unbounce", "a@example.org"], database).status == 1)
        }
    }

    @Test func `send-test says what the mail server answers, or that there is none`() async throws {
        try await TestDatabase.with { database in
            let missing = try await Self.run(["mail", "send-test", "ada@example.org"], database)
            #expect(missing.status == 1 && missing.errors.contains("no mail server is configured: set MAIL_URL"), "\(missing)")
            let mails = try MailServer({ _, _ in nil })
            defer { mails.stop() }
            let way = ["MAIL_URL": "smtp://127.0.0.1:\(mails.port)"]
            let sent = try await Self.run(["mail", "send-test", "ada@example.org", "--locale", "fr"], database, way)
            #expect(sent.status == 0 && sent.output.contains("the mail server has taken the mail to ada@example.org: 250"), "\(sent)")
            #expect(mails.mails.map(\.recipients) == [["ada@example.org"]])
            let down = ["MAIL_URL": "smtp://127.0.0.1:\(Listener.freePort())"]
            let failed = try await Self.run(["mail", "send-test", "ada@example.org"], database, down)
            #expect(failed.status == 1 && failed.output.isEmpty && failed.errors.contains("Error: not sent"), "\(failed)")
        }
    }

    @Test func `accounts are listed from the newest on, in parts`() async throws {
        try await TestDatabase.with { database in
            #expect(try await Self.run(["user", "list"], database).errors == "There is no account yet.\n")
            for number in 0..<5 {
                let address = "p\(number)@example.org"
                try await database.query(
                    """
                    INSERT INTO users (routing, id, email, password_hash)
                    VALUES (1, ('01a21070-9a52-7d93-8816-32750071b3e' || \(number))::uuid, $1,
                            '$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU')
                    """, [address])
            }
            func emails(_ arguments: String...) async throws -> [String] {
                let outcome = try await Self.run(["user", "list", "--json"] + arguments, database)
                return outcome.output.split(separator: "\n").compactMap { line in
                    line.firstMatch(of: #/"email":"([^"]+)"/#).map { String($0.1) }
                }
            }
            #expect(try await emails("--limit", "2") == ["p4@example.org", "p3@example.org"])
            #expect(
                try await emails("--limit", "2", "--after", "01a21070-9a52-7d93-8816-32750071b3e3") == ["p2@example.org", "p1@example.org"])
            #expect(try await emails("--after", "01a21070-9a52-7d93-8816-32750071b3e0") == [])
            let table = try await Self.output(database, "user", "list", "--limit", "1").split(separator: "\n")
            #expect(table.count == 2 && table[1].hasSuffix("  unverified  p4@example.org"), "\(table)")
        }
    }

    @Test func `an account is shown with its life, is disabled for a time, and its owner is told`() async throws {
        try await ServerProcess.with(environment: ["OPERATIONS_PORT": "0"]) { server, database in
            let (person, _) = try await Person.signedIn(on: server)
            let shown = try await Self.output(database, "user", "show", person.email)
            #expect(shown.contains("\nverified  no\nstate     enabled\nsessions  1\n"), "\(shown)")
            _ = try await Self.output(database, "user", "disable", person.email, "--reason", "spam", "--for", "30d")
            try await database.query(
                """
                UPDATE users SET email_verified_at = now(), profile = '{"display_name": "Ada King", "locale": "de"}',
                       password_reset_required = true, email_frozen_until = now() + interval '1 day', deleted_after = now() + interval '1 day'
                """)
            let changed = try await Self.output(database, "user", "show", person.email)
            for text in [
                "\nverified  since 20", "\nname      Ada King\n", "\nlocale    de\n", "\nstate     disabled since 20", "Z: spam\n",
                ", until 20",
                "\ndeletion  erased after 20", "\npassword  must be reset", "\naddress   cannot be changed until 20", "\nsessions  0\n",
            ] { #expect(changed.contains(text), "\(text): \(changed)") }
            #expect(try await database.value("SELECT count(*) FROM mails WHERE kind = 'account_disabled'") == "1")
            #expect(try await Self.run(["user", "invite", person.email], database).errors.contains("has an account already"))
        }
    }

    @Test func `in development the text of a mail is shown with its link, while a server runs`() async throws {
        let port = Listener.freePort()
        let environment = ["OPERATIONS_PORT": "\(port)"]
        try await ServerProcess.with(environment: environment) { server, database in
            _ = try await Person.signedIn(on: server)
            var id: String?
            for _ in 0..<200 where id == nil {
                id = try await database.value("SELECT id FROM mails WHERE state = 'sent'")
                try await Task.sleep(for: .milliseconds(50))
            }
            let mail = try #require(id)
            let shown = try await Self.run(["mail", "show", mail], database, environment)
            #expect(shown.status == 0 && shown.output.contains("/account/verify?token=aot_"), "\(shown)")
            let silent = try await Self.run(["mail", "show", mail], database, ["OPERATIONS_PORT": "\(Listener.freePort())"])
            #expect(silent.status == 0 && silent.errors.isEmpty && !silent.output.contains("token="), "\(silent)")
        }
    }
}
