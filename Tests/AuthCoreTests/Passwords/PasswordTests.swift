import AuthCore
import AuthTestSupport
import AuthText
import Testing

@Suite struct PasswordTests {
    private let rules = UnicodeTextRules()

    private func violation(_ text: String, minimumStrength: Int = 0, email: String = "ada@example.org") -> FieldError.Code? {
        let policy = PasswordPolicy.standard(minimumLength: 8, minimumStrength: minimumStrength)
        let address = EmailAddress(email, rules: rules)
        let password = Password(text, rules: rules)
        let weakness = address.flatMap { policy.weakness(of: password, for: $0, estimator: ZxcvbnEstimator()) }
        return (policy.violation(password, for: address) ?? weakness)?.code
    }

    @Test func `PW3: length counts code points, not bytes and not what a reader sees as one`() {
        #expect(violation("1234567") == .passwordTooShort)
        #expect(violation("12345678") == nil)
        #expect(violation("ééééééé") == .passwordTooShort)
        #expect(violation("éééééééé") == nil)
        #expect(violation("👩‍👩‍👧‍👦👩") == nil)
        // Seven e with a combining accent each are seven after normalisation.
        #expect(violation(String(repeating: "e\u{301}", count: 7)) == .passwordTooShort)
    }

    @Test func `PW4: nothing is trimmed, cut or folded`() {
        // Form KC would make "fi", "p", "2" and so on of compatibility characters. Form C leaves them; only the Kelvin sign is a K.
        let unchanged = [
            "  spaces  ", "\ttab\tand\nline", "PassWord", String(repeating: "x", count: 256), "\u{FB01}", "\u{FF50}assword", "x\u{B2}",
            "\u{2460}\u{210C}\u{FDFA}", "p\u{200D}w", "\u{A0}nbsp\u{3000}",
        ]
        for (text, expected) in unchanged.map({ ($0, $0) }) + [("p\u{212A}", "pK")] {
            #expect(scalars(text) == Array(expected.unicodeScalars))
        }
    }

    /// What a password keeps of a text. Strings would be equal already where they are canonically so.
    private func scalars(_ text: String) -> [Unicode.Scalar] {
        Array(Password(text, rules: rules).plaintext.unicodeScalars)
    }

    @Test func `PW4: two spellings of one text are one password`() {
        let composed = Password("p\u{E4}ssword", rules: rules).plaintext
        let decomposed = Password("pa\u{308}ssword", rules: rules).plaintext
        #expect(composed.unicodeScalars.elementsEqual(decomposed.unicodeScalars))
    }

    @Test func `PW2: too long is more than 256 code points or 1024 bytes`() {
        #expect(PasswordPolicy.tooLong(String(repeating: "x", count: 256), field: "password") == nil)
        #expect(PasswordPolicy.tooLong(String(repeating: "x", count: 257), field: "password")?.code == .passwordTooLong)
        #expect(PasswordPolicy.tooLong(String(repeating: "🔑", count: 256), field: "password") == nil)
        #expect(PasswordPolicy.tooLong(String(repeating: "🔑", count: 257), field: "password")?.code == .passwordTooLong)
    }

    @Test(arguments: ["ada.lovelace@example.org", "ADA.LOVELACE@EXAMPLE.ORG", "ada.lovelace", "Ada.Lovelace"])
    func `PW6: the address or its local part is no password`(_ text: String) {
        #expect(violation(text, email: "Ada.Lovelace@example.org") == .passwordTooCommon)
    }

    @Test func `strength is asked for only where it is configured`() {
        #expect(violation("password1") == nil)
        #expect(violation("password1", minimumStrength: 3) == .passwordTooCommon)
        #expect(violation("correct horse battery staple", minimumStrength: 3) == nil)
    }

    @Test func `PW6: the estimate grows with the password and knows the person's own words`() {
        let estimator = ZxcvbnEstimator()
        let scores = ["password", "qwer1234", "moonlight sonata", "vXk3#qLz9!mWp"].map { estimator.score(of: $0, context: []) }
        #expect(scores == scores.sorted())
        #expect(scores.first == 0)
        #expect(scores.last == 4)
        #expect(estimator.score(of: "wolfeschlegelsteinhausen", context: ["wolfeschlegelsteinhausen"]) == 0)
        #expect(estimator.score(of: "wolfeschlegelsteinhausen", context: []) > 0)
        #expect(estimator.score(of: "", context: []) == 0)
    }

    @Test func `the longest password that is let in is estimated in bounded time`() {
        let longest = String(repeating: "Aa1!é🔑", count: 43).unicodeScalars.prefix(256)
        _ = ZxcvbnEstimator().score(of: String(String.UnicodeScalarView(longest)), context: ["ada@example.org"])
    }

    @Test func `a password prints nothing of itself`() {
        let password = Password("correct horse", rules: rules)
        #expect("\(password) \(String(reflecting: password))" == "**** ****")
    }
}
