import Foundation
import ServerTestSupport
import Testing

/// psql as the documents start it.
@Suite struct PsqlTests {
    /// Runs `script/psql` with a psql that prints what it was given.
    private static func started(_ url: String, inFile: Bool = false) async throws -> String {
        try await Program.bash(
            #"""
            work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
            printf '#!/bin/sh\nprintf "%%s|" "$@" "$PGPASSWORD" "$DATABASE_URL"\n' >"$work/psql"; chmod 755 "$work/psql"
            if [ "$IN_FILE" = true ]; then printf '%s\r\n' "$URL" >"$work/url"; export DATABASE_URL_FILE=$work/url; else export DATABASE_URL=$URL; fi
            PATH=$work:$PATH script/psql -c 'SELECT 1'
            """#, environment: ["URL": url, "IN_FILE": "\(inFile)", "DATABASE_URL": "", "PGPASSWORD": ""])
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `CF1: no argument holds the password, which goes by the environment`(inFile: Bool) async throws {
        let started = try await Self.started("postgresql://u:S3%40cr%2Ft%25@h:5/db?sslmode=require", inFile: inFile)
        #expect(started == "-d|postgresql://u@h:5/db?sslmode=require|-c|SELECT 1|S3@cr/t%||")
        #expect(try await Self.started("postgresql:///db?host=/run", inFile: inFile) == "-d|postgresql:///db?host=/run|-c|SELECT 1|||")
        await #expect(throws: Program.Failure.self) { try await Self.started("postgresql://h/db?password=S3cr3t", inFile: inFile) }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("host=h password=S3cr3t dbname=x", "host=h  dbname=x", "S3cr3t"),
            (#"password='it\'s \\ here' host=h"#, " host=h", #"it's \ here"#),
        ])
    func `CF1: nor does one in keywords and values`(_ url: String, _ rest: String, _ password: String) async throws {
        #expect(try await Self.started(url) == "-d|\(rest)|-c|SELECT 1|\(password)||")
    }

    /// Whoever copies a command that would show it has it from there.
    @Test func `CF1: no document gives psql a connection string or a password as an argument`() async throws {
        let found = try await Program.bash(
            #"git ls-files 'README.md' 'docs' 'sql' 'deploy' 'docker-compose.yml' | xargs grep -nE 'psql .*("?\$\$?[A-Z]*(DATABASE|OWNER|SERVER|ADMINISTRATOR)_URL|_password=|://)' || true"#
        )
        #expect(found == "")
    }
}
