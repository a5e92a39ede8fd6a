import AuthTestSupport
import ServerTestSupport
import Testing

@Suite struct ReadmeTests {
    @Test(.timeLimit(.minutes(5)))
    func `the README's commands, copied one after another, print what it shows`() async throws {
        let readme = Readme(try Repository.text(of: "README.md"))
        #expect(readme.steps.count >= 15)
        try await ServerProcess.with { server, database in
            let outputs = try await readme.run(port: server.port, environment: ["DATABASE_URL": database.conninfo])
            #expect(outputs.count == readme.steps.count)
            for (step, output) in zip(readme.steps, outputs) {
                #expect(Readme.normalised(output) == Readme.normalised(step.shown ?? ""), "\(step.commands)")
            }
        }
    }

    /// The founding contract: paths, methods, fields and quoting of these never change.
    @Test(.timeLimit(.minutes(5)))
    func `the five founding commands work as they stand`() async throws {
        try await ServerProcess.with { server, _ in
            func run(_ command: String, token: String = "") async throws -> String {
                try await Program.bash(
                    command.replacing("127.0.0.1:8000", with: "127.0.0.1:\(server.port)").replacing("<access_token>", with: token)
                        + #" --silent --write-out '\n%{http_code}'"#)
            }
            let registered = try await run(Self.register)
            #expect(registered.hasSuffix("\n201"))
            var token = try Self.accessToken(await run(Self.logIn))
            let profile = try await run(Self.profile, token: token)
            #expect(profile.hasSuffix("\n200") && profile.contains(#""email":"abhay1@gmail.com""#))
            let loggedOut = try await run(Self.logOut, token: token)
            #expect(loggedOut.hasSuffix("\n204"))
            token = try Self.accessToken(await run(Self.logIn))
            let other = try Self.accessToken(await run(Self.logIn))
            let everywhere = try await run(Self.logOutEverywhere, token: token)
            #expect(everywhere.hasSuffix("\n204"))
            let refused = try await run(Self.profile, token: other)
            #expect(refused.hasSuffix("\n401"))
        }
    }

    private static func accessToken(_ answer: String) throws -> String {
        #expect(answer.hasSuffix("\n200"))
        return String(try #require(answer.firstMatch(of: /"access_token":"(aat_[A-Za-z0-9_-]+)"/)).1)
    }

    private static let register =
        #"curl --location 'http://127.0.0.1:8000/api/register/' --header 'Content-Type: application/json' --data-raw '{"email": "abhay1@gmail.com", "password": "12345678", "password2": "12345678"}'"#
    private static let logIn =
        #"curl --location 'http://127.0.0.1:8000/api/auth/login/' --header 'Content-Type: application/json' --data-raw '{"email": "abhay1@gmail.com", "password": "12345678"}'"#
    private static let logOut =
        #"curl --location --request POST 'http://127.0.0.1:8000/api/logout/' --header 'Authorization: Bearer <access_token>'"#
    private static let logOutEverywhere =
        #"curl --location --request POST 'http://127.0.0.1:8000/api/logoutall/' --header 'Authorization: Bearer <access_token>'"#
    private static let profile =
        #"curl --location 'http://127.0.0.1:8000/api/profile/' --header 'Authorization: Bearer <access_token>'"#
}
