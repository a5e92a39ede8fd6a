import AuthTestSupport
import Foundation
import LibPQ
import Testing

@Suite struct ValueTests {
    private static let id = UUID(uuidString: "01890a5d-ac96-774b-bcce-b302099a8057")!

    @Test func `values travel in binary form and come back as they went`() async throws {
        try await Clients.with { client in
            let row = try await client.one(
                "SELECT $1::bool, $2::int4, $3::int8, $4::text, $5::bytea, $6::uuid, $7::timestamptz",
                .bool(true), .int4(.min), .int8(.max), .text("grüße \u{1F600} '; --"), .bytea([0, 255, 0x5C]), .uuid(Self.id),
                .timestamptz(microseconds: -1))
            #expect(try row.bool(0))
            #expect(try row.int4(1) == .min)
            #expect(try row.int8(2) == .max)
            #expect(try row.text(3) == "grüße \u{1F600} '; --")
            #expect(try row.bytea(4) == [0, 255, 0x5C])
            #expect(try row.uuid(5) == Self.id)
            #expect(try row.timestamptz(6) == -1)
        }
    }

    @Test func `the server understands what it was sent`() async throws {
        try await Clients.with { client in
            let row = try await client.one(
                """
                SELECT $1::timestamptz = '1999-12-31 23:59:59.999999+00', $2::uuid::text, encode($3::bytea, 'hex'),
                       array_to_string($4::text[], '|', '-'), array_to_string($5::int4[], '|'), $6::uuid[] = ARRAY[$2], cardinality($7::bytea[]), $8::int8[] = ARRAY[-1, 5000000000]
                """,
                .timestamptz(microseconds: 946_684_799_999_999), .uuid(Self.id), .bytea([1, 171]), .textArray(["a", "", nil, "ü"]),
                .int4Array([-1, 7]), .uuidArray([Self.id]), .byteaArray([]), .int8Array([-1, 5_000_000_000]))
            #expect(try row.bool(0))
            #expect(try row.text(1) == Self.id.uuidString.lowercased())
            #expect(try row.text(2) == "01ab")
            #expect(try row.text(3) == "a||-|ü")
            #expect(try row.text(4) == "-1|7")
            #expect(try row.bool(5))
            #expect(try row.int4(6) == 0)
            #expect(try row.bool(7))
        }
    }

    @Test func `null is nil where that is asked for and an error elsewhere`() async throws {
        try await Clients.with { client in
            let row = try await client.one("SELECT $1::text, 7::int4", .null)
            #expect(try row.optionalText(0) == nil)
            #expect(throws: PostgresError.self) { try row.text(0) }
            #expect(throws: PostgresError.self) { try row.int8(1) }
            #expect(throws: PostgresError.self) { try row.int4(2) }
        }
    }

    @Test func `values that do not fit are refused before they are sent`() async throws {
        try await Clients.with { client in
            let statement = PostgresStatement("fits", .reads, parameters: [.int4], sql: "SELECT $1")
            await #expect(throws: PostgresError.self) { try await client.execute(statement, []) }
            await #expect(throws: PostgresError.self) { try await client.execute(statement, [.int8(1)]) }
            #expect("\(PostgresValue.text("secret"))" == "****" && String(reflecting: PostgresValue.text("secret")) == "****")
        }
    }
}
