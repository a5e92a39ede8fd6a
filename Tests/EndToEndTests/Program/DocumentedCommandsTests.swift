import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// The commands of a page print the output that the page shows.
@Suite struct DocumentedCommandsTests {
    /// Each page, and the number of blocks with commands that it has at least.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [("README.md", 6), ("docs/guide.md", 15), ("docs/errors.md", 2), ("docs/audit.md", 7)])
    func `the commands of a page, copied one after another, print what it shows`(_ name: String, _ count: Int) async throws {
        let page = DocumentPage(try Repository.text(of: name))
        #expect(page.steps.count >= count)
        let folder = try Repository.server.deletingLastPathComponent().path
        let operationsPort = Listener.freePort()
        try await ServerProcess.with(environment: ["OPERATIONS_PORT": "\(operationsPort)"]) { server, database in
            let outputs = try await page.run(
                port: server.port, operationsPort: operationsPort,
                environment: ["DATABASE_URL": database.conninfo, "PATH": "\(folder):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"])
            #expect(outputs.count == page.steps.count)
            for (step, output) in zip(page.steps, outputs) {
                #expect(DocumentPage.normalised(output) == DocumentPage.normalised(step.shown ?? ""), "\(step.commands)")
            }
        }
    }

    @Test func `no page with commands is left out`() async throws {
        let names = try await DocumentPage.names
        #expect(names == ["README.md", "docs/audit.md", "docs/errors.md", "docs/guide.md"])
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
