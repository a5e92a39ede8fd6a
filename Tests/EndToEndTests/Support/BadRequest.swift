import Foundation

/// A request that must be refused, and how.
struct BadRequest: CustomStringConvertible {
    let name: String
    let method: String
    let path: String
    var headers: [(String, String)]
    let body: [UInt8]?
    let status: Int
    let code: String
    /// For 422: which field, and what is wrong with it.
    var field: (name: String, code: String)?

    var description: String { "\(method) \(path): \(name)" }

    init(
        _ name: String, _ method: String = "POST", _ path: String, headers: [(String, String)] = [("Content-Type", "application/json")],
        body: [UInt8]? = nil, status: Int, code: String, field: (String, String)? = nil
    ) {
        (self.name, self.method, self.path, self.headers) = (name, method, path, headers)
        (self.body, self.status, self.code, self.field) = (body, status, code, field)
    }

    static func text(
        _ name: String, _ body: String, to path: String, status: Int = 400, code: String = "malformed_json", field: (String, String)? = nil
    ) -> BadRequest {
        BadRequest(name, "POST", path, body: Array(body.utf8), status: status, code: code, field: field)
    }
}

/// An endpoint with a body, and a body of it that would be right.
private struct Form {
    let path: String
    let good: [(name: String, json: String)]
    let optional: Set<String>

    static let all = [
        Form(
            path: "/api/register/", good: [("email", #""new@example.org""#), ("password", #""12345678""#), ("password2", #""12345678""#)],
            optional: []),
        Form(
            path: "/api/auth/login/", good: [("email", #""ada@example.org""#), ("password", #""12345678""#), ("name", #""laptop""#)],
            optional: ["name"]),
        Form(path: "/api/auth/refresh/", good: [("refresh_token", #""art_x""#)], optional: []),
    ]

    func body(replacing field: String? = nil, with json: String? = nil, adding extra: String = "") -> String {
        let members = good.compactMap { member -> String? in
            guard member.name == field else { return "\"\(member.name)\":\(member.json)" }
            return json.map { "\"\(member.name)\":\($0)" }
        }
        return "{" + members.joined(separator: ",") + extra + "}"
    }
}

extension BadRequest {
    static var all: [BadRequest] { fields + structure + transport + values + credentials }

    /// Each field of each body with each wrong type, null, and missing.
    private static var fields: [BadRequest] {
        Form.all.flatMap { form in
            form.good.flatMap { field -> [BadRequest] in
                let wrong = ["1", "-0.5e3", "true", "[]", #"["x"]"#, "{}"].map { (json: String) in
                    text(
                        "\(field.name) is \(json)", form.body(replacing: field.name, with: json), to: form.path, status: 422,
                        code: "validation_failed", field: (field.name, "invalid_type"))
                }
                guard !form.optional.contains(field.name) else { return wrong }
                let absent: [(String, String?)] = [("null", "null"), ("missing", nil)]
                return wrong
                    + absent.map { name, json in
                        text(
                            "\(field.name) is \(name)", form.body(replacing: field.name, with: json), to: form.path, status: 422,
                            code: "validation_failed", field: (field.name, "required"))
                    }
            } + [
                text(
                    "an unknown field", form.body(adding: #","admin":true"#), to: form.path, status: 422, code: "validation_failed",
                    field: ("admin", "unknown_field"))
            ]
        }
    }

    /// What is not JSON, or not strictly.
    private static var structure: [BadRequest] {
        Form.all.flatMap { form -> [BadRequest] in
            let good = form.body()
            let first = form.good[0]
            let cases: [(String, String)] = [
                ("a blank", " "), ("an array", "[\(good)]"), ("a string", "\"x\""), ("null", "null"),
                ("cut short", String(good.dropLast())), ("something after it", good + "x"), ("two objects", good + good),
                ("a byte order mark", "\u{FEFF}" + good), ("a trailing comma", form.body(adding: ",")),
                ("a duplicate key", form.body(adding: ",\"\(first.name)\":\(first.json)")),
                (
                    "a duplicate key, escaped",
                    form.body(adding: ",\"\\u00\(String(first.name.utf8.first!, radix: 16))\(first.name.dropFirst())\":\(first.json)")
                ),
                ("U+0000, escaped", form.body(replacing: first.name, with: #""a\u0000b""#)),
                ("U+0000, plain", form.body(replacing: first.name, with: "\"a\0b\"")),
                ("a newline in a string", form.body(replacing: first.name, with: "\"a\nb\"")),
                ("half a surrogate pair", form.body(replacing: first.name, with: #""\ud800""#)),
                ("an unknown escape", form.body(replacing: first.name, with: #""\x41""#)),
                ("single quotes", good.replacingOccurrences(of: "\"", with: "'")),
                ("a comment", good + "// fine?"), ("NaN", form.body(adding: ",\"x\":NaN")),
                ("a leading zero", form.body(adding: ",\"x\":01")),
                ("deep nesting", form.body(adding: ",\"x\":" + String(repeating: "[", count: 9) + String(repeating: "]", count: 9))),
                ("very deep nesting", String(repeating: "[", count: 8000)),
                ("many members", "{" + (0..<100).map { "\"m\($0)\":1" }.joined(separator: ",") + "}"),
            ]
            let invalidUTF8: [(String, [UInt8])] = [
                ("a lone continuation byte", [0x80]), ("an overlong slash", [0xC0, 0xAF]), ("a surrogate", [0xED, 0xA0, 0x80]),
                ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]), ("Latin-1", [0xE9]),
            ]
            return cases.map { text($0.0, $0.1, to: form.path) }
                + invalidUTF8.map { name, octets in
                    let body = Array("{\"\(first.name)\":\"".utf8) + octets + Array("\"}".utf8)
                    return BadRequest(name, "POST", form.path, body: body, status: 400, code: "malformed_json")
                }
        }
    }

    /// Size, type, method, path.
    private static var transport: [BadRequest] {
        let good = Array(Form.all[0].body().utf8)
        let types = [
            "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application/jsonp",
            "multipart/form-data", "",
        ]
        return Form.all.flatMap { form -> [BadRequest] in
            [
                BadRequest(
                    "17 KiB", "POST", form.path, body: Array(repeating: 0x20, count: 17 * 1024), status: 413, code: "body_too_large"),
                BadRequest("GET", "GET", form.path, status: 405, code: "method_not_allowed"),
                BadRequest("DELETE", "DELETE", form.path, status: 405, code: "method_not_allowed"),
            ]
        }
            + types.map {
                BadRequest(
                    "content type \($0)", "POST", "/api/register/", headers: $0.isEmpty ? [] : [("Content-Type", $0)], body: good,
                    status: 415,
                    code: "unsupported_media_type")
            } + [
                BadRequest(
                    "two content types", "POST", "/api/register/",
                    headers: [("Content-Type", "application/json"), ("Content-Type", "text/plain")], body: good, status: 415,
                    code: "unsupported_media_type"),
                BadRequest("POST to the profile", "POST", "/api/profile/", status: 405, code: "method_not_allowed"),
                BadRequest("GET of logout", "GET", "/api/logout/", headers: [], status: 405, code: "method_not_allowed"),
                BadRequest("PROPFIND", "PROPFIND", "/api/logoutall/", headers: [], status: 405, code: "method_not_allowed"),
                BadRequest("no such path", "POST", "/api/registers/", body: good, status: 404, code: "not_found"),
                BadRequest("another case", "POST", "/API/register/", body: good, status: 404, code: "not_found"),
                BadRequest("the root", "GET", "/", headers: [], status: 404, code: "not_found"),
                BadRequest("dots", "GET", "/api/../api/profile/../../etc/passwd", headers: [], status: 404, code: "not_found"),
                BadRequest(
                    "a token in the URL", "GET", "/api/profile/?access_token=aat_x", headers: [], status: 400, code: "invalid_request"),
                BadRequest(
                    "a long header", "GET", "/livez", headers: [("X-Long", String(repeating: "a", count: 40_000))], status: 431,
                    code: "headers_too_large"),
            ]
    }

    /// Fields of the right type with values that cannot be.
    private static var values: [BadRequest] {
        func register(_ name: String, _ field: String, _ value: String, code: String) -> BadRequest {
            let body = [("email", "new@example.org"), ("password", "12345678"), ("password2", "12345678")].map { member in
                let changed = member.0 == field || (field == "password" && member.0 == "password2" && code != "password_mismatch")
                return "\"\(member.0)\":\"\(changed ? value : member.1)\""
            }
            return text(
                name, "{\(body.joined(separator: ","))}", to: "/api/register/", status: 422, code: "validation_failed", field: (field, code)
            )
        }
        func logIn(_ name: String, _ body: String, _ field: String, _ code: String) -> BadRequest {
            text(name, body, to: "/api/auth/login/", status: 422, code: "validation_failed", field: (field, code))
        }
        let long = String(repeating: "a", count: 257)
        let emails = [
            "", "a", "@example.org", "a@", "a@b@c", "a b@example.org", "a@-x.org", "a@x..org", "a@\\u202eexample.org",
            "\\u0007@example.org", String(repeating: "a", count: 65) + "@example.org", "a@" + String(repeating: "b.", count: 130) + "org",
        ]
        return emails.map { register("e-mail \($0.prefix(20))", "email", $0, code: "invalid_email") } + [
            register("an empty password", "password", "", code: "password_too_short"),
            register("a short password", "password", "1234567", code: "password_too_short"),
            register("a long password", "password", long, code: "password_too_long"),
            register("a password of too many bytes", "password", String(repeating: "\u{1F600}", count: 257), code: "password_too_long"),
            register("the address for a password", "password", "new@example.org", code: "password_too_common"),
            register("another confirmation", "password2", "12345679", code: "password_mismatch"),
            logIn("an empty password", #"{"email":"ada@example.org","password":""}"#, "password", "required"),
            logIn("a long password", #"{"email":"ada@example.org","password":"\#(long)"}"#, "password", "password_too_long"),
            logIn("no address", #"{"email":"ada","password":"12345678"}"#, "email", "invalid_email"),
            logIn("a long name", #"{"email":"ada@example.org","password":"12345678","name":"\#(long)"}"#, "name", "too_long"),
            logIn(
                "a name that moves the cursor", #"{"email":"ada@example.org","password":"12345678","name":"\u001b[2J"}"#, "name",
                "invalid_characters"),
            logIn(
                "a name that is read backwards", #"{"email":"ada@example.org","password":"12345678","name":"\u202egpj.exe"}"#, "name",
                "invalid_characters"),
            logIn("an invisible address", #"{"email":"\u2800@example.org","password":"12345678"}"#, "email", "invalid_email"),
            logIn(
                "a long name of a field", #"{"\#(String(repeating: "n", count: 70))":1}"#, String(repeating: "n", count: 64),
                "unknown_field"),
        ]
    }

    /// Credentials that are none, or too many.
    private static var credentials: [BadRequest] {
        let refused: [(String, [String], Int, String)] = [
            ("no credential", [], 401, "missing_token"), ("another scheme", ["Basic YTpi"], 401, "missing_token"),
            ("a scheme alone", ["Bearer"], 401, "missing_token"), ("garbage", ["Bearer garbage"], 401, "invalid_token"),
            ("two words", ["Bearer aat_x aat_y"], 401, "invalid_token"),
            ("two headers", ["Bearer aat_x", "Bearer aat_y"], 400, "invalid_request"),
            ("two headers, one of another scheme", ["Basic YTpi", "Bearer aat_y"], 400, "invalid_request"),
            ("a very long token", ["Bearer aat_" + String(repeating: "A", count: 5000)], 401, "invalid_token"),
        ]
        let guarded = [("GET", "/api/profile/"), ("POST", "/api/logout/"), ("POST", "/api/logoutall/")]
        return guarded.flatMap { method, path in
            refused.map { name, values, status, code in
                BadRequest(name, method, path, headers: values.map { ("Authorization", $0) }, status: status, code: code)
            }
        } + [
            BadRequest("no token at all", "POST", "/api/auth/refresh/", headers: [], status: 401, code: "missing_token"),
            text("nothing", "", to: "/api/auth/login/"), text("nothing", "", to: "/api/register/"),
        ]
    }
}
