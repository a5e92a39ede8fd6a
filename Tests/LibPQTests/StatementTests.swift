import AuthTestSupport
import Testing

@testable import LibPQ

/// The names of parameters.
@Suite struct StatementTests {
    @Test func `names become numbers in the order of the parameters, as often as they occur`() {
        let statement = PostgresStatement(
            "s", .reads, parameters: ["b": .text, "a_2": .int4], sql: "SELECT :a_2::int8, :b::text::bytea, :a_2+1, x[1:2]")
        #expect(statement.sql == "SELECT $2::int8, $1::text::bytea, $2+1, x[1:2]")
        #expect(statement.fault == nil)
    }

    @Test(arguments: [
        "SELECT 'it''s :a', '\u{20AC}'", "SELECT 1 AS \":a\"", "SELECT 1 -- :a", "SELECT 1 -- it's :a\n, 2",
        "SELECT 1 /* :a /* :a */ :a */, 2", "SELECT ':a", "SELECT 1 /* :a",
    ])
    func `literals, quoted identifiers and comments stay as they are`(_ sql: String) {
        let statement = PostgresStatement("s", .reads, sql: sql)
        #expect(statement.sql == sql && statement.fault == nil)
    }

    @Test func `a parameter after a literal or a comment is found`() {
        let statement = PostgresStatement("s", .reads, parameters: ["a": .text], sql: "SELECT '' -- \n, /**/:a, 'x':a")
        #expect(statement.sql == "SELECT '' -- \n, /**/$1, 'x'$1" && statement.fault == nil)
    }

    private func fault(_ parameters: PostgresNamed<PostgresType>, _ sql: String) -> String? {
        PostgresStatement("s", .reads, parameters: parameters, sql: sql).fault
    }

    @Test func `a name that is unknown, unused or there twice is a fault, and so is a number`() {
        #expect(fault(["a": .text], "SELECT :a, :b, :c") == "has no parameter :b")
        #expect(fault(["a": .text, "b": .text], "SELECT :a") == ":b is not used")
        #expect(fault(["a": .text, "a": .int4], "SELECT :a") == "two parameters have one name")
        #expect(fault(["a": .text], "SELECT :a, $1") == "has a $: parameters have names")
        #expect(fault(["a": .text], "SELECT :ab") == "has no parameter :ab")
    }

    @Test func `a name may have any letters, and each letter counts`() {
        let statement = PostgresStatement("s", .reads, parameters: ["Na\u{EF}ve": .text], sql: "SELECT :Na\u{EF}ve")
        #expect(statement.sql == "SELECT $1" && statement.fault == nil)
        #expect(fault(["a": .text], "SELECT :a, :A") == "has no parameter :A")
        #expect(fault(["a": .text], "SELECT :aB") == "has no parameter :aB")
        #expect(fault(["a": .text], "SELECT :a\u{E9}") == "has no parameter :a\u{E9}")
    }

    @Test(arguments: ["SELECT E'\\'', :a, ''", "SELECT 1,e'x', :a", "e'', :a"])
    func `an escape string is a fault, since a quote in it may not end it`(_ sql: String) {
        #expect(fault(["a": .text], sql) == "has an escape string")
    }

    @Test func `a literal of a type whose name ends in e is no escape string`() {
        let statement = PostgresStatement("s", .reads, parameters: ["a": .text], sql: "SELECT date'2026-01-01', :a, DATE'2026-01-01'")
        #expect(statement.sql == "SELECT date'2026-01-01', $1, DATE'2026-01-01'" && statement.fault == nil)
    }

    /// With Citus the statements run over the tables of a shard.
    @Test func `names of relations are replaced where they stand alone, with the names of their parameters kept`() {
        let statement = PostgresStatement(
            "s", .reads, parameters: ["t": .text],
            sql: "SELECT t.a, 't', \"t\", :t, x.t /* t */ FROM t AS t2, a.b, tt, a.b.c JOIN t u ON u.t = 1.5 -- t\n, date't', e1.t")
        let replaced = statement.replacing(["t": "public.t_7", "a.b": "a.b_8"], suffix: "_7")
        #expect(
            replaced.sql
                == "SELECT t.a, 't', \"t\", $1, x.t /* t */ FROM public.t_7 AS t2, a.b_8, tt, a.b.c JOIN public.t_7 u ON u.t = 1.5 -- t\n, date't', e1.t"
        )
        #expect(replaced.name == "s_7" && replaced.fault == nil && replaced.parameterTypes == [.text])
        #expect(statement.replacing([:], suffix: "").sql == statement.sql)
    }

    private static let statement = PostgresStatement(
        "pair", .reads, parameters: ["left": .int4, "right": .int4], sql: "SELECT :left - :right AS difference")

    @Test func `values are bound by name, whatever their order`() async throws {
        try await Clients.with { client in
            let inOrder = try await client.execute(Self.statement, ["left": .int4(5), "right": .int4(3)])
            #expect(try inOrder[0].int4("difference") == 2)
            let reversed = try await client.execute(Self.statement, ["right": .int4(3)] + ["left": .int4(5)])
            #expect(try reversed[0].int4("difference") == 2)
            let byPosition = try await client.execute([BoundStatement(Self.statement, inOrder: [.int4(5), .int4(3)])])
            #expect(try byPosition[0].int4("difference") == 2)
        }
    }

    @Test func `values that do not fit the parameters are refused, and the refusal names the parameter`() {
        func misuse(_ values: PostgresNamed<PostgresValue>) -> String? { BoundStatement(Self.statement, values).misuse.map { "\($0)" } }
        #expect(misuse(["left": .int4(1), "right": .int4(2)]) == nil)
        #expect(misuse(["left": .int4(1)]) == "misuse: pair: no value for :right")
        #expect(misuse(["left": .int4(1), "wrong": .int4(2)]) == "misuse: pair: no value for :right")
        #expect(misuse(["left": .int4(1), "right": .int4(2), "left": .int4(3)]) == "misuse: pair: 3 values for 2 parameters")
        #expect(misuse(["left": .int4(1), "right": .int8(2)]) == "misuse: pair: :right is int4")
        #expect(BoundStatement(Self.statement, inOrder: [.int4(1)]).misuse != nil)
    }

    @Test func `a statement with a fault is never sent`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement("unused", .reads, parameters: ["number": .int4], sql: "SELECT 1")
            await #expect(throws: PostgresError.self) { try await client.execute(statement, ["number": .int4(1)]) }
        }
    }
}
