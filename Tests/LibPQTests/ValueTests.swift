import AuthTestSupport
import Foundation
import LibPQ
import Testing

@Suite struct ValueTests {
    private static let id = UUID(uuidString: "01890a5d-ac96-774b-bcce-b302099a8057")!

    @Test func `values travel in binary form and come back as they went`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement(
                "values", .reads,
                parameters: ["b": .bool, "i4": .int4, "i8": .int8, "t": .text, "o": .bytea, "u": .uuid, "m": .timestamptz],
                sql: "SELECT :b AS b, :i4 AS i4, :i8 AS i8, :t AS t, :o AS o, :u AS u, :m AS m")
            let row = try await client.execute(
                statement,
                [
                    "b": .bool(true), "i4": .int4(.min), "i8": .int8(.max), "t": .text("grüße \u{1F600} '; --"),
                    "o": .bytea([0, 255, 0x5C]), "u": .uuid(Self.id), "m": .timestamptz(microseconds: -1),
                ])[0]
            #expect(try row.bool("b"))
            #expect(try row.int4("i4") == .min)
            #expect(try row.int8("i8") == .max)
            #expect(try row.text("t") == "grüße \u{1F600} '; --")
            #expect(try row.bytea("o") == [0, 255, 0x5C])
            #expect(try row.uuid("u") == Self.id)
            #expect(try row.timestamptz("m") == -1)
        }
    }

    @Test func `the server understands what it was sent`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement(
                "understood", .reads,
                parameters: [
                    "moment": .timestamptz, "id": .uuid, "octets": .bytea, "texts": .textArray, "int4s": .int4Array, "ids": .uuidArray,
                    "byteas": .byteaArray, "int8s": .int8Array,
                ],
                sql: """
                    SELECT :moment = '1999-12-31 23:59:59.999999+00' AS moment, :id::text AS id, encode(:octets, 'hex') AS octets,
                           array_to_string(:texts, '|', '-') AS texts, array_to_string(:int4s, '|') AS int4s,
                           :ids = ARRAY[:id] AS ids, cardinality(:byteas) AS byteas, :int8s = ARRAY[-1, 5000000000] AS int8s
                    """)
            let row = try await client.execute(
                statement,
                [
                    "moment": .timestamptz(microseconds: 946_684_799_999_999), "id": .uuid(Self.id), "octets": .bytea([1, 171]),
                    "texts": .textArray(["a", "", nil, "ü"]), "int4s": .int4Array([-1, 7]), "ids": .uuidArray([Self.id]),
                    "byteas": .byteaArray([]), "int8s": .int8Array([-1, 5_000_000_000]),
                ])[0]
            #expect(try row.bool("moment"))
            #expect(try row.text("id") == Self.id.uuidString.lowercased())
            #expect(try row.text("octets") == "01ab")
            #expect(try row.text("texts") == "a||-|ü")
            #expect(try row.text("int4s") == "-1|7")
            #expect(try row.bool("ids"))
            #expect(try row.int4("byteas") == 0)
            #expect(try row.bool("int8s"))
        }
    }

    @Test func `moments beyond the range of 64 bits are infinity, and infinity is the end of the range`() async throws {
        try await Clients.with { client in
            let read = try await client.one(
                "SELECT timestamptz 'infinity', timestamptz '-infinity', timestamptz '294276-12-31 23:59:59.999999+00', timestamptz '4714-11-24 00:00 BC'"
            )
            #expect(try read.timestamptz(0) == .max && read.timestamptz(1) == .min && read.timestamptz(2) == .max)
            #expect(try read.timestamptz(3) == -210_866_803_200_000_000)
            let statement = PostgresStatement(
                "ends", .reads, parameters: ["last": .timestamptz, "first": .timestamptz, "second": .timestamptz],
                sql: "SELECT :last = 'infinity', :first = '-infinity', :second = '-infinity'")
            let ends: PostgresNamed<PostgresValue> = [
                "last": .timestamptz(microseconds: .max), "first": .timestamptz(microseconds: .min),
                "second": .timestamptz(microseconds: .min + 1),
            ]
            let written = try await client.execute(statement, ends)[0]
            #expect(try written.bool(0) && written.bool(1) && written.bool(2))
        }
    }

    @Test func `null is nil where that is asked for and an error elsewhere`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement("null", .reads, parameters: ["text": .text], sql: "SELECT :text AS text, 7 AS seven")
            let row = try await client.execute(statement, ["text": .null])[0]
            #expect(try row.optionalText("text") == nil)
            #expect(Self.message { try row.text("text") } == "decoding: column text: NULL")
            #expect(Self.message { try row.int8("seven") } == "decoding: column seven: expected int8")
            #expect(Self.message { try row.int4("eight") } == "decoding: column eight: expected int4")
            #expect(Self.message { try row.text(0) } == "decoding: column text: NULL")
            #expect(Self.message { try row.int4(2) } == "decoding: column 2: expected int4")
        }
    }

    private static func message<Value>(_ decode: () throws -> Value) -> String {
        do { return "\(try decode())" } catch { return "\(error)" }
    }

    @Test func `values that do not fit are refused before they are sent`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement("fits", .reads, parameters: ["number": .int4], sql: "SELECT :number")
            await #expect(throws: PostgresError.self) { try await client.execute(statement, ["number": .int8(1)]) }
            #expect("\(PostgresValue.text("secret"))" == "****" && String(reflecting: PostgresValue.text("secret")) == "****")
        }
    }
}
