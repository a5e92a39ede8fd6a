import AuthCore
import AuthTestSupport
import Testing

/// One rule for every text that is kept and that people read.
@Suite struct VisibleTextTests {
    private static let hidden: [(String, String)] = [
        ("a C0 control", "\u{7}"), ("ESC", "\u{1B}"), ("DEL", "\u{7F}"), ("a C1 control", "\u{85}"), ("CSI of C1", "\u{9B}"),
        ("a bidi override", "\u{202E}"), ("a bidi embedding", "\u{202A}"), ("a bidi isolate", "\u{2066}"), ("a bidi mark", "\u{200F}"),
        ("an Arabic letter mark", "\u{61C}"), ("a zero-width space", "\u{200B}"), ("a zero-width joiner", "\u{200D}"),
        ("a zero-width non-joiner", "\u{200C}"), ("a word joiner", "\u{2060}"), ("a byte order mark", "\u{FEFF}"),
        ("a soft hyphen", "\u{AD}"), ("a tag", "\u{E0061}"), ("a variation selector", "\u{FE0F}"), ("another", "\u{E0100}"),
        ("the Braille blank", "\u{2800}"), ("a Hangul filler", "\u{3164}"), ("a half-width filler", "\u{FFA0}"),
        ("the null notehead", "\u{1D159}"), ("a Khitan filler", "\u{16FE4}"), ("a line separator", "\u{2028}"),
        ("private use", "\u{E000}"), ("a noncharacter", "\u{FFFE}"),
    ]

    private static let shown = [
        "Ada’s MacBook Pro", "MacBook\u{A0}Pro de Zoë", "علي", "گوشی\u{200C}من", "क्\u{200D}ष", "東京の\u{3000}iPhone", "❤️ phone", "👩‍💻", "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "👍🏽", "1️⃣", "🇬🇷", "e\u{301}", "№ 5", "",
    ]

    private func violation(deviceName: String) async -> FieldError.Code? {
        let world = World()
        do {
            _ = try await world.signIn.signIn(email: World.email, password: "x", deviceName: deviceName, origin: World.origin)
        } catch .validationFailed(let errors) {
            return errors.first?.code
        } catch {}
        return nil
    }

    @Test(arguments: hidden)
    func `LG6: a device's name with a character that is not shown is refused`(_ name: String, _ character: String) async {
        for text in ["a\(character)b", character, "a\(character)", "\(character)a"] {
            #expect(await violation(deviceName: text) == .invalidCharacters, "\(name)")
        }
    }

    @Test(arguments: shown)
    func `names as devices and their owners give them are kept`(_ text: String) async {
        #expect(await violation(deviceName: text) == nil)
        #expect(RequestOrigin(ip: nil, userAgent: text, requestID: "x").userAgent?.hasSameOctets(as: text) == true)
    }

    @Test(arguments: hidden)
    func `LG6: in a User-Agent each is replaced`(_ name: String, _ character: String) {
        let origin = RequestOrigin(ip: nil, userAgent: "a\(character)b", requestID: "x")
        #expect(origin.userAgent.map { Array($0.unicodeScalars) } == ["a", "\u{FFFD}", "b"], "\(name)")
    }

    @Test func `of a long User-Agent the beginning is kept`() {
        for scalar: Unicode.Scalar in ["a", "é", "\u{202E}"] {
            let origin = RequestOrigin(ip: nil, userAgent: String(String.UnicodeScalarView(repeating: scalar, count: 600)), requestID: "x")
            #expect(origin.userAgent?.unicodeScalars.count == RequestOrigin.maximumUserAgentScalars)
        }
    }

    @Test(arguments: hidden.filter { $0.0 != "a variation selector" })
    func `LG6: an address with one is refused`(_ name: String, _ character: String) async {
        for text in ["a\(character)da@example.org", "ada@exa\(character)mple.org", "ada\(character)@example.org"] {
            await #expect(throws: AuthError.self, "\(name)") { try await World().register(text) }
        }
    }

    @Test func `LG6: no client's request id looks like the server's own`() {
        #expect(RequestOrigin.server("tally").requestID == "server:tally")
    }
}
