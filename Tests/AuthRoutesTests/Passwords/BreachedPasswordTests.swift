import AuthCrypto
import Foundation
import AuthTestSupport
import ServerTestSupport
import Testing

/// Registrations over a list that `script/make-blocklist` made.
@Suite struct BreachedPasswordTests {
    /// The first are the commonest of published lists that have eight characters.
    private static let words = [
        "password", "123456789", "12345678", "1q2w3e4r", "sunshine", "iloveyou", "princess", "football", "baseball", "superman",
        "trustno1", "Correct Horse", "p\u{E4}ssw\u{F6}rd", "\u{420}\u{43E}\u{441}\u{441}\u{438}\u{44F}2024", "1234567",
    ]

    private func with(
        _ lines: [String], options: String, _ body: @Sendable (API) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let input = try folder.file("lines")
        try input.handle.write(contentsOf: Data(lines.joined(separator: "\n").utf8))
        let output = folder.url.path + "/list"
        try await Program.bash(
            #"script/make-blocklist \#(options) "$OUTPUT" <"$INPUT""#, environment: ["INPUT": input.url.path, "OUTPUT": output])
        try await API.with(World(blocklist: try PasswordBlocklistFile(path: output)), body)
    }

    private func code(_ password: String, _ api: API) async throws -> String? {
        let email = "p\(api.world.database.accountCount)@example.org"
        let answer = try await api.post(
            "/api/register/", #"{"email": "\#(email)", "password": "\#(password)", "password2": "\#(password)"}"#)
        guard answer.status == 422, case .array(let errors)? = answer.members["errors"] else {
            #expect(answer.status == 201)
            return nil
        }
        #expect(errors.map { $0.members?["field"]?.text } == ["password"])
        return errors.first?.members?["code"]?.text
    }

    @Test(arguments: ["--words", "--words --sha256"])
    func `PW6: each password of the list is refused in any case and spelling, and with something random it is accepted`(
        _ options: String
    ) async throws {
        try await with(Self.words, options: options) { api async throws in
            for word in Self.words where word.unicodeScalars.count >= 8 {
                #expect(try await code(word, api) == "password_breached")
            }
            #expect(try await code("1234567", api) == "password_too_short")
            for other in ["CORRECT HORSE", "correct horse", "PassWord", "pa\u{308}sswo\u{308}rd", "PA\u{308}SSW\u{D6}RD"] {
                #expect(try await code(other, api) == "password_breached")
            }
        }
        // Another world, because the registrations before used up the network's allowance.
        try await with(Self.words, options: options) { api async throws in
            for word in Self.words { #expect(try await code(word + "-7Qx!vb2", api) == nil) }
        }
    }

    @Test func `PW6: a list of Pwned Passwords' format is searched by its digests, also for a text as it was typed`() async throws {
        // SHA-1 of "password" and of a decomposed "pässword1", with counts as they are downloaded.
        let decomposed = try await Program.bash(#"printf 'pa\xcc\x88ssword1' | sha1sum | cut -c 1-40"#)
        let lines = ["5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r", decomposed.uppercased().prefix(40) + ":3\r"].sorted()
        try await with(lines, options: "--min-count 3") { api async throws in
            #expect(try await code("password", api) == "password_breached")
            #expect(try await code("pa\u{308}ssword1", api) == "password_breached")
            #expect(try await code("p\u{E4}ssword1", api) == nil)
        }
        try await with(lines, options: "--min-count 4") { api async throws in
            #expect(try await code("pa\u{308}ssword1", api) == nil)
        }
    }
}
