import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What somebody may have written into the database by hand, met over HTTP.
@Suite struct ExtremeValueTests {
    @Test(.timeLimit(.minutes(10)), arguments: [true, false])
    func `no value that a column can hold ends the server, or makes a dead token live`(hasChecks: Bool) async throws {
        try await ServerProcess.with { server, database in
            let (person, tokens) = try await Person.signedIn(on: server)
            try await database.query("CREATE VIEW alive AS SELECT 1 FROM audit.sessions WHERE state = 'live' AND email = '\(person.email)'")
            let extremes = try await ExtremeValues(database)
            if !hasChecks { try await extremes.dropChecks() }
            for extreme in try await extremes.all() where try await extremes.set(extreme) {
                let isAlive = try await database.value("SELECT count(*) FROM alive") != "0"
                let profile = try await person.http.get("/api/profile/", bearer: tokens.access)
                // The view finds the person by the address, which some cases change.
                #expect(profile.status != 200 || isAlive || extreme.column == "email", "\(extreme)")
                #expect(!profile.headers.contains { $0.name == "X" }, "\(extreme)")
                let verified = try await person.http.get("/api/auth/verify/", bearer: tokens.access)
                #expect((verified.status == 200) == (profile.status == 200), "\(extreme)")
                #expect(!verified.headers.contains { $0.name == "X" }, "\(extreme)")
                _ = try await person.http.get("/api/sessions/", bearer: tokens.access)
                _ = try await person.login()
                let refreshed = try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh)
                #expect(refreshed.status != 200 || isAlive || extreme.column == "email", "\(extreme)")
                try #require(try await person.http.get("/livez").status == 200, "the server has ended: \(extreme)")
            }
            #expect(server.terminate() == 0)
        }
    }
}
