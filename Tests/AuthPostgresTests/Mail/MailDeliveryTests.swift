import AuthCore
import AuthPostgres
import AuthTestSupport
import Foundation
import Testing

/// Mails from their cause to the mail server, on PostgreSQL.
@Suite struct MailDeliveryTests {
    @Test func `a mail is queued by the transaction of its cause, and sent once`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            #expect(stores.mails.letters.map(\.kind) == [.verifyEmail])
            #expect(stores.mails.letters[0].message.recipient.text == Owner.email)
            #expect(try await owner.send() == 0)
            #expect(try await stores.database.value("SELECT state || attempts FROM mails") == "sent1")
        }
    }

    @Test func `RC1: while a mail waits, and after it was sent, nothing in the database redeems`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            stores.mails.answer { _ in .deferred("451 later") }
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            try await owner.send()
            try await stores.database.query("UPDATE mails SET due_at = now()")
            stores.mails.answer { _ in .sent("250 ok") }
            try await owner.send()
            let genuine = try owner.letter(.resetPassword).token
            let stored = try await stores.database.query(
                """
                SELECT encode(digest, 'hex') FROM one_time_tokens UNION ALL SELECT encode(digest, 'base64') FROM one_time_tokens
                UNION ALL SELECT id::text FROM one_time_tokens UNION ALL SELECT code_hash FROM one_time_tokens WHERE code_hash IS NOT NULL
                UNION ALL SELECT details::text FROM mails UNION ALL SELECT answer FROM mails UNION ALL SELECT id::text FROM mails
                """
            ).compactMap { $0[0] }
            #expect(stored.count > 8 && !stored.contains { value in value.contains(genuine) || genuine.contains(value) })
            for value in stored { await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(value) } }
            try await owner.reset(genuine)
        }
    }

    @Test func `F30: a mail that cannot be sent is tried again with another token, later and later, and given up after a day`() async throws
    {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            stores.mails.answer { _ in .deferred("421 busy") }
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            var delays: [Double] = []
            for _ in 0..<5 {
                #expect(try await owner.send() == 1)
                #expect(try await owner.send() == 0)
                let seconds = try await stores.database.value(
                    "SELECT extract(epoch FROM due_at - now())::integer FROM mails WHERE kind = 'reset_password'")
                delays.append(Double(seconds ?? "") ?? 0)
                try await stores.database.query("UPDATE mails SET due_at = now() WHERE kind = 'reset_password'")
            }
            #expect(zip(delays, [30, 60, 120, 240, 480]).allSatisfy { abs($0 - $1) < 10 }, "\(delays)")
            let live = "SELECT count(*) FROM one_time_tokens WHERE purpose = 'reset_password' AND ended_at IS NULL"
            #expect(try await stores.database.value(live) == "3")
            try await stores.database.query("UPDATE mails SET created_at = created_at - interval '24 hours' WHERE kind = 'reset_password'")
            try await owner.send()
            #expect(try await stores.database.value("SELECT state FROM mails WHERE kind = 'reset_password'") == "given_up")
            #expect(stores.mails.letters.map(\.kind) == [.verifyEmail])
        }
    }

    @Test func `a refusal for good ends the mail, and its answer is kept`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            stores.mails.answer { _ in .refused("550 no such user") }
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            try await owner.send()
            #expect(
                try await stores.database.query("SELECT state, answer FROM mails WHERE kind = 'reset_password'")
                    == [["failed", "550 no such user"]])
            #expect(try await owner.send() == 0)
        }
    }

    @Test func `two instances send many mails, none of them twice`() async throws {
        try await TestStores.with { stores in
            try await stores.database.withDatabase { other in
                let second = TestStores(stores, other)
                for number in 1...200 {
                    let origin = RequestOrigin(ip: "198.51.100.\(number)", userAgent: nil, requestID: "r")
                    let address = try TestStores.address("p\(number)@example.org")
                    try await stores.domain.accounts.registration.invite(address, locale: nil, origin: origin)
                }
                async let first = stores.domain.mails.delivery.sendDue { _ in }
                async let rest = second.domain.mails.delivery.sendDue { _ in }
                let (one, two) = try await (first, rest)
                #expect(one + two == 200 && one > 0 && two > 0, "\(one) and \(two)")
                let recipients = (stores.mails.letters + second.mails.letters).map(\.message.recipient.canonical)
                #expect(Set(recipients).count == 200 && recipients.count == 200)
                #expect(try await stores.database.value("SELECT count(*) FROM mails WHERE state = 'sent' AND attempts = 1") == "200")
            }
        }
    }

    @Test func `a mail whose sender is gone is sent by another one after the lease, and the first cannot end it any more`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            let queue = stores.mailStore
            let lost = try #require(try await queue.claim(limit: 10, lease: .seconds(180)).first)
            #expect(try await owner.send() == 0)
            try await stores.database.query("UPDATE mails SET due_at = now() WHERE state = 'sending'")
            #expect(try await owner.send() == 1)
            try await queue.finish(lost, .failed("late"))
            #expect(try await stores.database.value("SELECT state FROM mails WHERE kind = 'reset_password'") == "sent")
        }
    }

    @Test func `nothing is sent to an unknown address, and nothing is kept`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            try await stores.domain.recovery.forget(email: "nobody@example.org", locale: nil, origin: TestStores.origin)
            try await owner.send()
            #expect(stores.mails.letters.count == 1)
            #expect(try await stores.database.value("SELECT count(*) FROM mails WHERE address IS NOT NULL") == "0")
        }
    }

    @Test func `RL7: an address gets three mails in a quarter of an hour, however many are asked for at the same time`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let domain = stores.domain
            for address in [Owner.email, "nobody@example.org"] {
                let accepted = await successes(20) { number in
                    let origin = RequestOrigin(ip: "198.51.100.\(number)", userAgent: nil, requestID: "r")
                    try await domain.recovery.forget(email: address, locale: nil, origin: origin)
                }
                #expect(accepted == 3, "\(address)")
            }
            await #expect {
                try await domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            } throws: { error in
                guard case AuthError.tooManyAttempts(let wait) = error else { return false }
                return wait > .seconds(800) && wait <= .seconds(900)
            }
            try await stores.database.query(
                "UPDATE mail_budgets SET requested_at = ARRAY(SELECT t - interval '15 minutes' FROM unnest(requested_at) AS t)")
            #expect(
                await successes(5) { _ in try await domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin) }
                    == 3)
            try await owner.send()
            #expect(stores.mails.letters.filter { $0.kind == .resetPassword }.count == 1)
        }
    }

    @Test func `RL7: an address gets ten mails a day`() async throws {
        try await TestStores.with { stores in
            _ = try await Owner.registered(stores)
            let domain = stores.domain
            var accepted = 0
            for round in 0..<5 {
                accepted += await successes(4) { number in
                    let origin = RequestOrigin(ip: "198.51.\(round).\(number)", userAgent: nil, requestID: "r")
                    try await domain.recovery.forget(email: Owner.email, locale: nil, origin: origin)
                }
                try await stores.database.query(
                    "UPDATE mail_budgets SET requested_at = ARRAY(SELECT t - interval '1 hour' FROM unnest(requested_at) AS t ORDER BY t DESC)"
                )
            }
            #expect(accepted == 10)
        }
    }

    @Test func `the same mail that was asked for again replaces the one that waits`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            for _ in 0..<2 { try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin) }
            try await owner.send()
            #expect(stores.mails.letters.filter { $0.kind == .resetPassword }.count == 1)
            let states = try await stores.database.query("SELECT state FROM mails WHERE kind = 'reset_password' ORDER BY id")
            #expect(states == [["cancelled"], ["sent"]])
        }
    }

    @Test func `nothing is sent to an address whose mails come back, until an operator says so`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let mails = stores.domain.mails.administration
            #expect(try await mails.suppress(try Self.address(), reason: "550 unknown user", origin: TestStores.origin))
            #expect(try await !mails.suppress(try Self.address(), reason: "again", origin: TestStores.origin))
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            try await owner.send()
            #expect(
                try await stores.database.query("SELECT state, answer FROM mails WHERE kind = 'reset_password'")
                    == [["suppressed", "550 unknown user"]])
            #expect(try await mails.unsuppress(try Self.address(), origin: TestStores.origin))
            let id = try #require(try await mails.list(state: "suppressed", limit: 10).first).id
            #expect(try await mails.resend(id, origin: TestStores.origin))
            try await owner.send()
            _ = try owner.letter(.resetPassword)
        }
    }

    @Test func `an operator sees mails, and cancels one that waits`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            let mails = stores.domain.mails.administration
            let list = try await mails.list(state: nil, limit: 10)
            #expect(list.map(\.kind) == ["reset_password", "verify_email"] && list.map(\.state) == ["queued", "sent"])
            #expect(try await mails.cancel(list[0].id, origin: TestStores.origin))
            #expect(try await !mails.cancel(list[0].id, origin: TestStores.origin))
            #expect(try await !mails.resend(MailID(UUID()), origin: TestStores.origin))
            #expect(try await owner.send() == 0)
            #expect(try await mails.find(list[0].id)?.state == "cancelled")
        }
    }

    @Test func `RC4: links begin with the configured address alone`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let link = try #require(try owner.letter(.verifyEmail).values.link)
            #expect(link.hasPrefix("https://auth.example.org/account/verify?token=aot_"))
        }
    }

    private static func address() throws -> EmailAddress { try TestStores.address(Owner.email) }
}
