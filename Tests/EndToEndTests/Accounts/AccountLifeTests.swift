import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What an owner does with an account, over a socket, with the mails that a mail server has got.
@Suite struct AccountLifeTests {
    private static let newPassword = "a quite different passphrase"

    @Test(.timeLimit(.minutes(5)))
    func `a registration answers as it always did, and the mail verifies the address`() async throws {
        try await MailedServer.with { world in
            let person = world.person("ada")
            let answer = try await person.registration()
            #expect(answer.status == 201)
            let body = #/\{"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","email":"ada@example\.org","id":"[0-9a-f-]{36}"\}/#
            #expect(try body.wholeMatch(in: answer.body) != nil, "\(answer.body)")
            let token = try await world.token("verify", to: "ada@example.org")
            #expect(try await world.post("email/verify", ["token": token]).status == 204)
            #expect(try await world.post("email/verify", ["token": token]).json("code") == "invalid_one_time_token")
            #expect(try await world.database.value("SELECT count(*) FROM sessions") == "0")
            let access = try await person.tokens().access
            let changed = try await world.http.send(
                "PATCH", "/api/profile/", headers: [("Authorization", "Bearer \(access)"), ("Content-Type", "application/json")],
                body: Array("{}".utf8))
            #expect(changed.body.contains(#""email_verified":true"#))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `EN3: a request for a reset looks the same for every address, and only an owner gets a mail`() async throws {
        try await MailedServer.with { world in
            _ = try await world.signedIn("ada")
            _ = try await world.signedIn("disabled")
            try await world.database.query("UPDATE users SET disabled_at = now() WHERE email = 'disabled@example.org'")
            var answers: Set<String> = []
            for name in ["ada", "disabled", "nobody"] {
                let answer = try await world.post("password/forgot", ["email": "\(name)@example.org"])
                #expect(answer.status == 202 && answer.body.isEmpty)
                answers.insert(answer.comparable)
                // With something else in the request too.
                let refused = try await world.post("password/forgot", ["email": "\(name)@example.org", "more": "x"])
                answers.insert(refused.comparable)
            }
            #expect(answers.count == 2)
            _ = try await world.token("reset", to: "ada@example.org")
            try await world.waitUntilMailsAreDone()
            #expect(!world.texts(to: "disabled@example.org").contains { text in text.contains("/account/reset") })
            #expect(world.texts(to: "nobody@example.org").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `EN3: what the mail server does is in no answer`() async throws {
        let script: MailServer.Script = { step, _ in step == .recipient ? .say("450 4.2.0 later") : nil }
        try await MailedServer.with(script) { world in
            _ = try await world.signedIn("ada")
            let deferred = try await world.post("password/forgot", ["email": "ada@example.org"])
            for _ in 0..<200 where try await world.database.value("SELECT bool_or(answer LIKE '450%') FROM mails") != "t" {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await world.database.value("SELECT bool_or(answer LIKE '450%') FROM mails") == "t")
            world.mails.stop()
            let down = try await world.post("password/forgot", ["email": "ada@example.org"])
            let unknown = try await world.post("password/forgot", ["email": "nobody@example.org"])
            #expect(Set([deferred, down, unknown].map(\.comparable)).count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `EN4: a registration by mail of a taken address looks like any other, and its owner is told`() async throws {
        try await MailedServer.with(environment: ["REGISTRATION": "verified"]) { world in
            #expect(try await world.post("register", ["email": "ada@example.org"]).status == 202)
            let token = try await world.token("register", to: "ada@example.org")
            let (new, mismatch) = (Self.newPassword, "another")
            let refused = try await world.post("register/confirm", ["token": token, "password": new, "password2": mismatch])
            #expect(refused.status == 422)
            #expect(try await world.database.value("SELECT count(*) FROM users") == "0")
            let made = try await world.post("register/confirm", ["token": token, "password": new, "password2": new])
            #expect(made.status == 201 && made.json("email") == "ada@example.org")
            #expect(try await world.person("ada").login(password: new).status == 200)

            let taken = try await world.post("register", ["email": "ada@example.org"])
            let free = try await world.post("register", ["email": "grace@example.org"])
            #expect(taken.status == 202 && taken.comparable == free.comparable)
            _ = try await world.token("register", to: "grace@example.org")
            try await world.waitUntilMailsAreDone()
            #expect(world.texts(to: "ada@example.org").count == 2)
            #expect(
                try await world.database.value("SELECT string_agg(kind, ',' ORDER BY id) FROM mails WHERE email LIKE 'ada%'")
                    == "confirm_registration,confirm_registration")
            #expect(try await world.database.value("SELECT count(*) FROM users") == "1")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a reset ends all sessions and opens none, and its link works once`() async throws {
        try await MailedServer.with { world in
            let (person, tokens) = try await world.signedIn("ada")
            #expect(try await world.post("password/forgot", ["email": "Ada@Example.org"]).status == 202)
            let token = try await world.token("reset", to: "ada@example.org")
            let (old, new) = (Person.password, Self.newPassword)
            let reset = try await world.post("password/reset", ["token": token, "password": new, "password2": new])
            #expect(reset.status == 204 && reset.body.isEmpty)
            #expect(try await world.http.get("/api/profile/", bearer: tokens.access).status == 401)
            #expect(try await world.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 401)
            let again = try await world.post("password/reset", ["token": token, "password": old, "password2": old])
            #expect(again.status == 400 && again.json("code") == "invalid_one_time_token")
            #expect(try await person.login().status == 401)
            #expect(try await person.login(password: new).status == 200)
            // The notice has the way to say "this wasn't me".
            let secure = try await world.token("secure", to: "ada@example.org")
            #expect(try await world.post("account/secure", ["token": secure]).status == 204)
            #expect(try await person.login(password: new).json("code") == "password_reset_required")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `PW7: a change of password needs the present one, and a wrong one counts like a failed login`() async throws {
        try await MailedServer.with { world in
            let (person, tokens) = try await world.signedIn("ada")
            let other = try await person.tokens()
            let (old, new) = (Person.password, Self.newPassword)
            let missing = try await world.post("password/change", bearer: tokens.access, ["password": new, "password2": new])
            #expect(missing.status == 422)
            let changed = try await world.post(
                "password/change", bearer: tokens.access, ["current_password": old, "password": new, "password2": new])
            let next = try #require(Person.Tokens(changed), "\(changed.body)")
            #expect(next.sessionID == tokens.sessionID)
            for dead in [tokens.access, other.access] { #expect(try await world.http.get("/api/profile/", bearer: dead).status == 401) }
            #expect(try await world.http.get("/api/profile/", bearer: next.access).status == 200)
            #expect(try await person.login().status == 401)
            #expect(try await person.login(password: new).status == 200)

            var statuses: [Int] = []
            for _ in 0..<8 {
                let wrong = try await world.post(
                    "password/change", bearer: next.access, ["current_password": old, "password": new, "password2": new])
                statuses.append(wrong.status)
                if wrong.status == 422 { #expect(wrong.body.contains("incorrect_password")) }
            }
            #expect(statuses.first == 422 && statuses.last == 429)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a change of address waits for the new one, and the former one undoes it`() async throws {
        try await MailedServer.with { world in
            let (person, tokens) = try await world.signedIn("ada")
            #expect(try await world.post("email/change", bearer: tokens.access, ["email": "thief@example.net"]).status == 202)
            let confirm = try await world.token("confirm", to: "thief@example.net")
            #expect(try await person.login().status == 200)
            #expect(try await world.post("email/verify", ["token": confirm]).status == 204)
            #expect(try await Person("thief@example.net", on: world.server).login().status == 200)
            #expect(try await person.registration().json("code") == "email_taken")
            let undo = try await world.token("undo", to: "ada@example.org")
            #expect(try await world.post("email/undo", ["token": undo]).status == 204)
            #expect(try await world.http.get("/api/profile/", bearer: tokens.access).status == 401)
            #expect(try await person.login().json("code") == "password_reset_required")
            let reset = try await world.token("reset", to: "ada@example.org")
            let new = Self.newPassword
            #expect(try await world.post("password/reset", ["token": reset, "password": new, "password2": new]).status == 204)
            let access = try #require(Person.Tokens(try await person.login(password: new))).access
            let frozen = try await world.post("email/change", bearer: access, ["email": "ada@example.com"])
            #expect(frozen.status == 403 && frozen.json("code") == "email_frozen")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an owner changes the profile field by field, and null removes a field`() async throws {
        try await MailedServer.with { world in
            let access = try await world.signedIn("ada").tokens.access
            func change(_ json: String) async throws -> Loopback.Reply {
                try await world.http.send(
                    "PATCH", "/api/profile/", headers: [("Authorization", "Bearer \(access)"), ("Content-Type", "application/json")],
                    body: Array(json.utf8))
            }
            let first = try await change(#"{"display_name":"Ada","locale":"de-AT","metadata":{"a":[1,{"b":null}]}}"#)
            #expect(first.status == 200)
            #expect(first.json("display_name") == "Ada" && first.json("locale") == "de")
            #expect(first.body.contains(#""metadata":{"a": [1, {"b": null}]}"#), "\(first.body)")
            let second = try await change(#"{"display_name":null,"metadata":{}}"#)
            #expect(second.json("display_name") == nil && second.json("locale") == "de")
            #expect(second.body.contains(#""metadata":{}"#))
            let third = try await change(#"{"locale":null,"metadata":null}"#)
            #expect(third.body.contains(#""locale":null,"metadata":null"#))
            #expect(try await change(#"{"locale":"xx","display_name":"a\u202eb","metadata":[]}"#).status == 422)
            let long = String(repeating: "x", count: 4100)
            #expect(try await change(#"{"metadata":{"a":"\#(long)"}}"#).status == 422)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a deleted account keeps its owner out, until the link in the mail restores it`() async throws {
        try await MailedServer.with { world in
            let (person, tokens) = try await world.signedIn("ada")
            let bearer = [("Authorization", "Bearer \(tokens.access)")]
            let deleted = try await world.http.send("DELETE", "/api/profile/", headers: bearer)
            #expect(deleted.status == 202)
            #expect(deleted.json("deleted_after") != nil)
            #expect(try await world.http.get("/api/profile/", bearer: tokens.access).status == 401)
            let refused = try await person.login()
            #expect(refused.status == 403 && refused.json("code") == "deletion_pending")
            #expect(try await person.login(password: "wrong").json("code") == "invalid_credentials")
            let token = try await world.token("restore", to: "ada@example.org")
            #expect(try await world.post("profile/restore", ["token": token]).status == 204)
            #expect(try await world.post("profile/restore", ["token": token]).status == 400)
            #expect(try await person.login().status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE14: a sign-in from a device and a network that the account does not know is told, and no account is there by default`()
        async throws
    {
        try await MailedServer.with(environment: ["TRUSTED_PROXIES": "127.0.0.0/8"]) { world in
            #expect(try await world.database.value("SELECT count(*) FROM users") == "0")
            func ask(_ path: String, _ ip: String, _ agent: String) async throws -> Int {
                let passwords = #""password":"\#(Person.password)""#
                let second = path == "register" ? #","password2":"\#(Person.password)""# : ""
                return try await Person.retrying {
                    try await world.http.send(
                        "POST", "/api/\(path)/",
                        headers: [("X-Forwarded-For", ip), ("User-Agent", agent), ("Content-Type", "application/json")],
                        body: Array(#"{"email":"ada@example.org",\#(passwords)\#(second)}"#.utf8))
                }.status
            }
            #expect(try await ask("register", "192.0.2.1", "home") == 201)
            // One of the two is known.
            #expect(try await ask("auth/login", "192.0.2.1", "home") == 200)
            #expect(try await ask("auth/login", "192.0.2.7", "new") == 200)
            #expect(try await ask("auth/login", "198.51.100.1", "home") == 200)
            let told = "SELECT count(*) FROM mails WHERE kind = 'new_sign_in'"
            #expect(try await world.database.value(told) == "0")
            #expect(try await ask("auth/login", "203.0.113.5", "strange") == 200)
            #expect(try await world.database.value(told) == "1")
            let secure = try await world.token("secure", to: "ada@example.org")
            #expect(world.texts(to: "ada@example.org").contains { text in text.contains("203.0.113.5") && text.contains("strange") })
            #expect(try await world.post("account/secure", ["token": secure]).status == 204)
            #expect(try await world.database.value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == "0")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an unverified account is kept out where the address must be verified, and a reset verifies it`() async throws {
        try await MailedServer.with(environment: ["EMAIL_VERIFICATION": "required"]) { world in
            let person = world.person("ada")
            #expect(try await person.registration().status == 201)
            let refused = try await person.login()
            #expect(refused.status == 403 && refused.json("code") == "email_unverified")
            #expect(try await world.post("password/forgot", ["email": "ada@example.org"]).status == 202)
            let token = try await world.token("reset", to: "ada@example.org")
            let new = Self.newPassword
            #expect(try await world.post("password/reset", ["token": token, "password": new, "password2": new]).status == 204)
            #expect(try await person.login(password: new).status == 200)
        }
    }
}
