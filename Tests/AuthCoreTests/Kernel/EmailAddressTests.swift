import AuthCore
import AuthText
import Testing

@Suite struct EmailAddressTests {
    private let rules = UnicodeTextRules()

    @Test(arguments: [
        ("ada@example.org", "ada@example.org"),
        ("Ada.Lovelace+books@Example.ORG", "ada.lovelace+books@example.org"),
        ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"),
        ("ada@localhost", "ada@localhost"),
        ("ada@mail.xn--bcher-kva.example", "ada@mail.xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.de", "ada@xn--fa-hia.de"),
        ("ada@\u{FF45}xample.org", "ada@example.org"),
        ("ada@example\u{3002}org", "ada@example.org"),
        ("JOSE\u{301}@example.org", "jos\u{E9}@example.org"),
        ("Ω@example.org", "ω@example.org"),
        // The Kelvin sign is K's canonical equivalent: one mailbox, one account.
        ("\u{212A}ate@example.org", "kate@example.org"),
        ("jos\u{E9}@example.org", "jos\u{E9}@example.org"),
        // Both lower-case letters of Σ, and Σ itself.
        ("ΝΙΚΟΣ@example.org", "νικοσ@example.org"), ("νικος@example.org", "νικοσ@example.org"), ("νικοσ@example.org", "νικοσ@example.org"),
    ])
    func `UN1: spellings of one address have one canonical form`(_ text: String, _ canonical: String) throws {
        let address = try #require(EmailAddress(text, rules: rules))
        #expect(address.canonical.unicodeScalars.elementsEqual(canonical.unicodeScalars), "\(address.canonical)")
        #expect(address.text.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test(arguments: [" ada@example.org", "ada@example.org ", "\u{A0}\tada@example.org\r\n", "\u{3000}ada@example.org\u{2028}"])
    func `UN1: white space around an address is none of it`(_ text: String) throws {
        let address = try #require(EmailAddress(text, rules: rules))
        #expect(address.text == "ada@example.org" && address.canonical == "ada@example.org")
    }

    @Test func `UN1: what only looks alike stays apart`() throws {
        let texts = ["ada@example.org", "аda@example.org", "ada+x@example.org", "a.da@example.org", "ıda@example.org", "ida@example.org"]
        #expect(Set(try texts.map { try #require(EmailAddress($0, rules: rules)).canonical }).count == texts.count)
    }

    @Test(arguments: [
        "", "@", "ada", "ada@", "@example.org", "ada@@example.org", "a@b@example.org", "ada example@example.org", " ", "ada @example.org",
        "ada@ example.org",
        "ada@example.org\u{200B}", "\u{FEFF}ada@example.org", "a\u{2800}da@example.org", "@\u{301}ada@example.org", "ada\0@example.org",
        ".ada@example.org", "ada.@example.org", "a..b@example.org",
        "\"ada\"@example.org", "ada@[192.0.2.1]", "ada@192.0.2.1", "ada@example..org", "ada@.example.org", "ada@example.org.",
        "ada@-example.org", "ada@example-.org", "ada@exa_mple.org", "ada@exa mple.org", "ada@exam\u{0}ple.org", "ada@xn--a.example",
        "a\u{200B}da@example.org", "a\u{202E}da@example.org", "a\u{FEFF}da@example.org", "a\u{A0}da@example.org",
        "(comment)ada@example.org", "ada,bob@example.org", "ada;@example.org", "<ada@example.org>", "ada@example.org>", "a\\da@example.org",
        "mailto:ada@example.org", "ada@exam\u{2028}ple.org", "ada@\u{AD}", "ada@example.123",
        "ada@exam\u{AD}ple.org", "ada@exam\u{200C}ple.org", "ada@exam\u{FE0F}ple.org", "ada@exam\u{FF3F}ple.org",
        "ada@exam\tple.org", "ada@exam/ple.org", "ada@exam%ple.org",
    ])
    func `no address`(_ text: String) {
        #expect(EmailAddress(text, rules: rules) == nil)
    }

    @Test func `lengths are those of RFC 5321, in octets`() {
        let local = String(repeating: "a", count: 64)
        #expect(EmailAddress(local + "@example.org", rules: rules) != nil)
        #expect(EmailAddress(local + "a@example.org", rules: rules) == nil)
        #expect(EmailAddress(String(repeating: "é", count: 33) + "@example.org", rules: rules) == nil)
        let label = String(repeating: "b", count: 63)
        #expect(EmailAddress("ada@\(label).org", rules: rules) != nil)
        #expect(EmailAddress("ada@\(label)b.org", rules: rules) == nil)
        let domain = [label, label, String(repeating: "c", count: 58), "de"].joined(separator: ".")
        #expect(EmailAddress(String(repeating: "a", count: 254 - 1 - domain.utf8.count) + "@" + domain, rules: rules) != nil)
        #expect(EmailAddress(String(repeating: "a", count: 255 - 1 - domain.utf8.count) + "@" + domain, rules: rules) == nil)
    }
}
