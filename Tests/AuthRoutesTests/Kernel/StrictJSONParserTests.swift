import AuthCore
import HTTPEdge
import Testing

@testable import AuthMiddleware

@Suite struct StrictJSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try StrictJSONParser.parse(Array(text.utf8), limits: HTTPLimits())
    }

    private static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members { object.append(Array(name.utf8), value) }
        return .object(object)
    }

    private static let wellFormed: [(String, JSONValue)] = [
        ("{}", object([:])), (" \t\r\n{ } ", object([:])), ("[]", .array([])), ("null", .null), ("true", .bool(true)),
        ("false", .bool(false)), ("0", .number("0")), ("-0", .number("-0")), ("1.5e+10", .number("1.5e+10")), ("-12E3", .number("-12E3")),
        (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{C}\n\r\tz")), (#""\u00e9\uD83D\uDD11""#, .string("é🔑")),
        ("\"é🔑\u{7F}\"", .string("é🔑\u{7F}")), (#"{"":""}"#, object(["": .string("")])),
        (#"{"a":[1,{"b":null}],"c":"d"}"#, object(["a": .array([.number("1"), object(["b": .null])]), "c": .string("d")])),
        ("[[[[[[[[]]]]]]]]", (0..<7).reduce(.array([])) { value, _ in .array([value]) }),
    ]

    @Test(arguments: wellFormed)
    func `JS1: well-formed`(_ text: String, _ expected: JSONValue) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "{]", "[}", "nul", "nulll", "True", "NaN", "Infinity", "undefined", "'a'", "{a:1}", "{'a':1}",
        #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "[1,]", "[,1]", "[1 2]", #"{"a":1 "b":2}"#, #"{"a":1}x"#, "{}{}", "{} // c", "/* c */ {}",
        "01",
        "+1", "1.", ".5", "1e", "1e+", "-", "--1", "0x10", "1_000", #"""#, #""a"#, #""\"#, #""\x""#, #""\u""#, #""\u12""#, #""\u12G4""#,
        #""\u0000""#, #""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uDC00\uD800""#, #""\U0041""#, "\"a\nb\"",
        "\"a\tb\"", "\"a\0b\"", "\u{FEFF}{}", #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, "[[[[[[[[[]]]]]]]]]", "\u{A0}{}", "{}\0", "\0",
        #"{1:2}"#, #"{"a":1,,"b":2}"#, #"{"a"::1}"#, #"[1,,2]"#, "\u{2028}{}",
    ])
    func malformed(_ text: String) {
        #expect { try parse(text) } throws: { if case AuthError.malformedJSON = $0 { true } else { false } }
    }

    private static let notUTF8: [[UInt8]] = [
        [0xFF], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
        [0x22, 0xE2, 0x82, 0x22], [0xFE, 0xFF, 0x00, 0x7B], [0x7B, 0x00, 0x7D, 0x00],
    ]

    @Test(arguments: notUTF8)
    func `JS3: not UTF-8`(_ octets: [UInt8]) {
        #expect(throws: AuthError.self) { try StrictJSONParser.parse(octets, limits: HTTPLimits()) }
    }

    @Test(arguments: ["[", "{\"a\":", "[[", "-", "\"\\u"]) func `JS1: a million openings are harmless`(_ opening: String) {
        #expect(throws: AuthError.self) { try parse(String(repeating: opening, count: 1_000_000)) }
    }

    @Test func `members are counted`() throws {
        let members = (0..<64).map { "\"m\($0)\":1" }
        #expect(throws: Never.self) { try parse("{\(members.joined(separator: ","))}") }
        #expect(throws: AuthError.self) { try parse("{\((members + ["\"x\":1"]).joined(separator: ","))}") }
    }

    @Test(arguments: [
        #"{"e":1,"\u00e9":2}"#, #"{"a":1,"A":2}"#, #"{"\ufb01":1,"fi":2}"#, "{\"e\u{301}\":1,\"\u{E9}\":2}", "{\"\u{212A}\":1,\"K\":2}",
    ])
    func `JS1: names of other octets are two, as to every other parser`(_ text: String) throws {
        guard case .object(let object) = try parse(text) else {
            Issue.record("no object")
            return
        }
        #expect(object.members.count == 2)
    }

    @Test(arguments: [("a", 64), ("é", 32), ("€", 21), ("😀", 16)])
    func `a name is read up to 64 octets, and a longer one refused where it stands`(_ letter: String, _ count: Int) throws {
        let longest = String(repeating: letter, count: count)
        #expect(throws: Never.self) { try parse("{\"\(longest)\":1}") }
        // What comes after is not looked at, be it long or malformed.
        for text in ["{\"\(longest)\(letter)\":1}", "{\"\(longest)\(letter)\(letter), nonsense", "{\"a\":{\"\(longest)\(letter)\":1}}"] {
            #expect { try parse(text) } throws: { error in
                guard case AuthError.validationFailed(let errors) = error else { return false }
                return errors.map(\.code) == [.unknownField] && errors[0].field == longest
            }
        }
    }

    @Test func `random bytes and broken bodies are an answer, never a crash`() {
        var generator = SystemRandomNumberGenerator()
        let good = Array(#"{"email":"ada@example.org","password":"\u00e9\uD83D\uDD11","x":[1.5e3,true,null,{"y":"z"}]}"#.utf8)
        for _ in 0..<20_000 {
            var octets = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                octets[Int.random(in: octets.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? StrictJSONParser.parse(Array(octets.prefix(Int.random(in: 0...octets.count, using: &generator))), limits: HTTPLimits())
        }
    }
}
