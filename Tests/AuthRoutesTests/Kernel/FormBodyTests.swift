import AuthCore
import Testing

@testable import AuthMiddleware

@Suite struct FormBodyTests {
    private static func value(_ form: String, of name: StaticString = "token") throws -> String? {
        try FormBody(Array(form.utf8)).value(of: name)
    }

    @Test(arguments: [
        ("token=a", "a"), ("a=b&token=a+b%20c", "a b c"), ("%74oken=%F0%9F%98%80", "😀"), ("&&token=a=b&", "a=b"),
        ("token=%2B%26%3d", "+&="), ("token=%00", "\0"), ("token=a&x=1&x=2", "a"), ("token=a&Token=b", "a"),
    ])
    func `a parameter is read octet by octet`(_ form: String, _ value: String) throws {
        #expect(try Self.value(form) == value)
    }

    @Test(arguments: ["", "token", "token=", "token[]=a", "TOKEN=a", "\u{FEFF}token=a", " token=a"])
    func `a parameter that is missing, or has no value, is none`(_ form: String) throws {
        #expect(try Self.value(form) == nil)
    }

    @Test(arguments: [
        "token=a&token=b", "token=a&%74oken=a", "token=&token=", "token=%", "token=%G0", "token=%+1", "x%=1&token=a", "token=%FF",
        "token=%C3&x=%A9", "token=a" + String(repeating: "&x=1", count: 64),
    ])
    func `JS3: a form with two readings is refused`(_ form: String) {
        #expect(throws: AuthError.self) { try Self.value(form) }
    }

    /// Swift takes these two texts for one.
    @Test func `JS3: names that are canonically equal are two`() throws {
        #expect(try Self.value("\u{E9}=a&e\u{301}=b", of: "\u{E9}") == "a")
    }
}
