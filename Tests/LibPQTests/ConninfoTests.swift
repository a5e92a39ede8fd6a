import LibPQ
import Testing

@Suite struct ConninfoTests {
    @Test func `libpq's own parser takes it apart`() throws {
        let conninfo = try #require(PostgresConninfo("postgresql://u:p%20w@a,b:5433/db?target_session_attrs=read-write"))
        #expect(conninfo["host"] == "a,b" && conninfo["user"] == "u" && conninfo["password"] == "p w" && conninfo["dbname"] == "db")
        #expect(conninfo["target_session_attrs"] == "read-write" && conninfo["sslmode"] == nil)
        #expect(PostgresConninfo("postgresql://[broken") == nil)
        #expect(PostgresConninfo("nonsense=1") == nil)
    }

    @Test func `a value is replaced, and quoted`() throws {
        let original = try #require(PostgresConninfo(#"host=a password='it''s \\'"#.replacing("''", with: #"\'"#)))
        let changed = try #require(PostgresConninfo(original.replacing("dbname", with: #"it's \ here"#)))
        #expect(changed["dbname"] == #"it's \ here"# && changed["host"] == "a" && changed["password"] == #"it's \"#)
    }

    @Test func `several hosts are several connection strings, in their order`() throws {
        let several = try #require(PostgresConninfo("postgresql://u@a:1,b:2/db?connect_timeout=3")).forEachHost.map {
            try #require(PostgresConninfo($0))
        }
        #expect(several.map { $0["host"] } == ["a", "b"] && several.map { $0["port"] } == ["1", "2"])
        #expect(several.allSatisfy { $0["user"] == "u" && $0["dbname"] == "db" && $0["connect_timeout"] == "3" })
        let onePort = try #require(PostgresConninfo("host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5433")).forEachHost.compactMap(
            PostgresConninfo.init)
        #expect(onePort.map { $0["hostaddr"] } == ["10.0.0.1", "10.0.0.2"] && onePort.allSatisfy { $0["port"] == "5433" })
        #expect(try #require(PostgresConninfo("host=a")).forEachHost.isEmpty && #require(PostgresConninfo("")).forEachHost.isEmpty)
    }

    @Test(arguments: [
        ("postgresql:///x", true), ("host=/run/postgresql", true), ("host=localhost,127.0.0.1", true), ("postgresql://[::1]/x", true),
        ("host=db", false), ("host=localhost,db", false), ("host=localhost hostaddr=10.0.0.1", false), ("host=127.evil.example", false),
        ("host=127.0.0.2", true), ("service=elsewhere", false), ("service=elsewhere host=localhost", false),
    ])
    func `it is local where every host is`(conninfo: String, isLocal: Bool) throws {
        #expect(try #require(PostgresConninfo(conninfo)).isLocal == isLocal)
    }

    @Test(arguments: [
        "postgresql://u:S3cr3t/rest@host/db", "postgresql://u:12/S3cr3t@host/db", "postgresql://u:S3@cr3t@host/db",
        "postgresql://u:S3@cr3t/x@host/db", "postgresql://u:S3cr3t?/x@host/db", "postgresql://u:S3cr3t%zz@host/db",
        "postgresql://u:a@host:S3cr3t/db", "postgresql://u:a@host:0/db", "postgresql://u:a@host:65536/db",
        "postgresql://u:a@host/S3@cr3t", "postgresql://u:S3cr3t@host/db?nonsense", "postgresql://u:a/S3cr3t@h@host",
    ])
    func `CF1: what was not percent-encoded is told without a part of it`(_ uri: String) throws {
        let objection = try #require(PostgresConninfo.objection(to: uri))
        #expect(!objection.contains("S3") && !objection.contains("cr3t"))
        #expect(objection.contains("%40"))
    }

    @Test(arguments: ["host=a port=S3cr3t", "password=a S3cr3t", "host=a sslmode=S3cr3t", "postgresql://a/b?sslmode=S3cr3t"])
    func `CF1: what else is wrong with it is told without a part of it`(_ text: String) throws {
        let objection = try #require(PostgresConninfo.objection(to: text))
        #expect(!objection.contains("S3cr3t") && !objection.contains("%40"))
    }

    @Test(arguments: [
        "postgresql:///db?host=/run/postgresql", "postgresql://u:S3%40cr%2Ft@host:5432/db", "postgresql://u:S3?cr3t@host/db",
        "postgresql://u@a:1,b,[::1]:3/db?sslmode=verify-full&target_session_attrs=read-write", "postgresql://host/db?user=a@b", "",
        "postgresql://u:p@/db?host=@abstract", "host=a,b port=5432,5433 password='a@b/c'", "service=auth", "postgres://u:a:b@host",
    ])
    func `what libpq takes as it is meant is taken`(_ text: String) {
        #expect(PostgresConninfo.objection(to: text) == nil)
    }
}
