import AuthCore
import AuthTestSupport
import Testing

/// Verification and change of addresses, on PostgreSQL.
@Suite struct EmailTests {
    @Test func `the link of the mail verifies the address, once, and opens no session`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try owner.letter(.verifyEmail).token
            try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            #expect(try await stores.domain.profiles.profile(of: owner.user.id).isEmailVerified)
            #expect(try await stores.database.value("SELECT count(*) FROM sessions") == "0")
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            }
        }
    }

    @Test func `a typed code verifies the address of the session's account, in either case and with spaces`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let code = try #require(try owner.letter(.verifyEmail).values.code)
            #expect(code.utf8.count == 9)
            let typed = code.lowercased().replacing("-", with: " ")
            try await stores.domain.emails.confirm(code: typed, of: owner.user.id, origin: TestStores.origin)
            #expect(try await stores.domain.profiles.profile(of: owner.user.id).isEmailVerified)
        }
    }

    @Test func `RC1: of many wrong codes at the same time exactly five are evaluated, and then the right one is refused`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let code = try #require(try owner.letter(.verifyEmail).values.code)
            let (domain, user) = (stores.domain, owner.user.id)
            let accepted = await successes(16) { number in
                let origin = RequestOrigin(ip: "198.51.100.\(number)", userAgent: nil, requestID: "r")
                try await domain.emails.confirm(code: "2222-2222", of: user, origin: origin)
            }
            #expect(accepted == 0)
            #expect(try await stores.database.value("SELECT code_tries FROM one_time_tokens") == "5")
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await domain.emails.confirm(code: code, of: user, origin: TestStores.origin)
            }
            // The link still works: nobody guesses 256 bits.
            try await domain.emails.confirm(token: try owner.letter(.verifyEmail).token, origin: TestStores.origin)
        }
    }

    @Test func `a code works only for its own account, and not after its time`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let code = try #require(try owner.letter(.verifyEmail).values.code)
            let other = try await Owner.registered(stores, email: "bob@example.org")
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.confirm(code: code, of: other.user.id, origin: TestStores.origin)
            }
            try await stores.database.query("UPDATE one_time_tokens SET code_expires_at = now()")
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.confirm(code: code, of: owner.user.id, origin: TestStores.origin)
            }
        }
    }

    @Test func `RC7: a change waits for the new address, tells the old one, and the new one logs in`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            let token = try await owner.changeToken(to: "ada@example.net", session)
            #expect(try await owner.credentials("ada@example.net") == nil)
            try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            try await owner.send()
            let notice = try owner.letter(.emailChanged)
            #expect(notice.message.recipient.text == Owner.email && notice.values.newEmail == "ada@example.net")
            #expect(try await owner.credentials(Owner.email) == nil)
            _ = try await owner.logIn(as: "ada@example.net")
            #expect(try await owner.isAlive(session))
            #expect(try await stores.domain.profiles.profile(of: owner.user.id).isEmailVerified)
        }
    }

    @Test func `RC7: of two changes that are asked for, only the newer one can be confirmed`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            let first = try await owner.changeToken(to: "one@example.net", session)
            let second = try await owner.changeToken(to: "two@example.net", session)
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.confirm(token: first, origin: TestStores.origin)
            }
            try await stores.domain.emails.confirm(token: second, origin: TestStores.origin)
            #expect(try await owner.credentials("two@example.net") != nil)
            #expect(try await owner.credentials("one@example.net") == nil)
        }
    }

    @Test func `RC7: two changes that are confirmed at the same time leave one address`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            for round in 0..<8 {
                let addresses = ["a\(round)@example.net", "b\(round)@example.net"]
                try await stores.forgetLimits()
                var tokens: [String] = []
                for address in addresses { tokens.append(try await owner.changeToken(to: address, session)) }
                // As if the first token had not been replaced by the second.
                try await stores.database.query(
                    "UPDATE one_time_tokens SET ended_at = NULL, ended_by = NULL WHERE purpose = 'confirm_email' AND ended_by = 'superseded'"
                )
                let (domain, both) = (stores.domain, tokens)
                #expect(await successes(2) { try await domain.emails.confirm(token: both[$0], origin: TestStores.origin) } == 1)
                let current = try await stores.database.query(
                    "SELECT e.address = u.email FROM user_emails e JOIN users u ON u.id = e.user_id WHERE e.held_until IS NULL")
                #expect(current == [["t"]], "round \(round)")
            }
        }
    }

    @Test func `an address that somebody else has is not given away, and its owner is told instead of whoever asked`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let other = try await Owner.registered(stores, email: "bob@example.org")
            let session = try await owner.logIn()
            try await stores.domain.emails.change.request(email: other.email, of: session, origin: TestStores.origin)
            try await owner.send()
            #expect(stores.mails.letters.last?.kind == .addressTaken && stores.mails.letters.last?.message.recipient.text == other.email)
            #expect(stores.mails.letters.allSatisfy { $0.kind != .confirmEmail })
        }
    }

    @Test func `an address that was registered after the mail is not taken from its owner`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try await owner.changeToken(to: "new@example.net", try await owner.logIn())
            let other = try await Owner.registered(stores, email: "new@example.net")
            await #expect(throws: AuthError.emailTaken) { try await stores.domain.emails.confirm(token: token, origin: TestStores.origin) }
            #expect(try await owner.credentials("new@example.net")?.userID == other.user.id)
            #expect(try await owner.credentials(Owner.email)?.userID == owner.user.id)
        }
    }

    @Test func `nobody can register an old address while its owner may undo the change`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try await owner.changeToken(to: "new@example.net", try await owner.logIn())
            try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            await #expect(throws: AuthError.emailTaken) { _ = try await Owner.registered(stores) }
            try await stores.database.query("UPDATE user_emails SET held_until = now() WHERE held_until IS NOT NULL")
            let other = try await Owner.registered(stores)
            #expect(other.user.id != owner.user.id)
        }
    }

    @Test func `the old address undoes a change: sessions end, the password must be reset, and the address is frozen`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let thief = try await owner.logIn()
            let token = try await owner.changeToken(to: "thief@example.net", thief)
            try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            try await owner.send()
            let undo = try owner.letter(.emailChanged).token
            try await stores.domain.emails.change.undo(token: undo, origin: TestStores.origin)
            #expect(try await !owner.isAlive(thief))
            #expect(try await owner.credentials("thief@example.net") == nil)
            await #expect(throws: AuthError.passwordResetRequired) { _ = try await owner.logIn() }
            try await owner.send()
            try await owner.reset(try owner.letter(.resetPassword).token)
            let session = try await owner.logIn(Owner.newPassword)
            await #expect(throws: AuthError.emailFrozen) {
                try await stores.domain.emails.change.request(email: "x@example.net", of: session, origin: TestStores.origin)
            }
        }
    }

    @Test func `an undo undoes later changes too, and a thief cannot undo it`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let thief = try await owner.logIn()
            for address in ["one@example.net", "two@example.net"] {
                try await stores.domain.emails.confirm(token: try await owner.changeToken(to: address, thief), origin: TestStores.origin)
                try await owner.send()
            }
            let notices = stores.mails.letters.filter { $0.kind == .emailChanged }
            #expect(notices.map(\.message.recipient.text) == [Owner.email, "one@example.net"])
            try await stores.domain.emails.change.undo(token: notices[0].token, origin: TestStores.origin)
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.change.undo(token: notices[1].token, origin: TestStores.origin)
            }
            #expect(try await owner.credentials(Owner.email)?.userID == owner.user.id)
            #expect(try await stores.database.value("SELECT count(*) FROM user_emails") == "1")
        }
    }

    @Test func `a thief who undoes the second change does not keep the owner from undoing the first`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let thief = try await owner.logIn()
            for address in ["one@example.net", "two@example.net"] {
                try await stores.domain.emails.confirm(token: try await owner.changeToken(to: address, thief), origin: TestStores.origin)
                try await owner.send()
            }
            let notices = stores.mails.letters.filter { $0.kind == .emailChanged }
            try await stores.domain.emails.change.undo(token: notices[1].token, origin: TestStores.origin)
            await #expect(throws: AuthError.emailTaken) { _ = try await Owner.registered(stores) }
            try await stores.domain.emails.change.undo(token: notices[0].token, origin: TestStores.origin)
            #expect(try await owner.credentials(Owner.email)?.userID == owner.user.id)
        }
    }

    @Test func `SE10: a change needs a recent login`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            try await stores.database.query("UPDATE sessions SET created_at = created_at - interval '10 minutes'")
            await #expect(throws: AuthError.insufficientAuthentication(maxAge: .seconds(600))) {
                try await stores.domain.emails.change.request(email: "new@example.net", of: session, origin: TestStores.origin)
            }
        }
    }

    @Test func `a thief whose later notice was sent after the owner's undo cannot take the account back`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let thief = try await owner.logIn()
            stores.mails.answer { message in
                message.content.subject == "email_changed" && message.recipient.text == "one@example.net" ? .deferred("450") : .sent("250")
            }
            for address in ["one@example.net", "two@example.net"] {
                try await stores.domain.emails.confirm(token: try await owner.changeToken(to: address, thief), origin: TestStores.origin)
                try await owner.send()
            }
            _ = try await stores.domain.deletion.schedule(thief, origin: TestStores.origin)
            try await stores.domain.emails.change.undo(token: try owner.letter(.emailChanged).token, origin: TestStores.origin)
            stores.mails.answer { _ in .sent("250") }
            try await stores.database.query("UPDATE mails SET due_at = now() WHERE finished_at IS NULL")
            try await owner.send()
            let late = try owner.letter(.emailChanged)
            #expect(late.message.recipient.text == "one@example.net")
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.change.undo(token: late.token, origin: TestStores.origin)
            }
            #expect(try await owner.credentials(Owner.email)?.userID == owner.user.id)
            #expect(try await stores.database.value("SELECT deleted_after IS NULL FROM users") == "t")
        }
    }
}
