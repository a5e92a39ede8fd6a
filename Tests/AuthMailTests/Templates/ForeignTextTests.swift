import AuthCore
import Testing

@testable import AuthMail

@Suite struct ForeignTextTests {
    @Test(arguments: [
        ("Ana María", "Ana María"),
        ("Seán O’Brien-D'Arcy", "Seán O’Brien-D'Arcy"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"),
        ("  two\r\n\r\nlines\u{2028}\t three\u{0}four ", "two lines three four"),
        ("https://evil.example/a", "https: //evil. example/a"),
        ("http://192.0.2.1/", "http: //192.0.2.1/"),
        ("www.1.2", "www. 1.2"),
        ("WwW.evil", "WwW. evil"),
        ("evil.example", "evil. example"),
        ("evil。example．рф｡ไทย", "evil。 example． рф｡ ไทย"),
        ("a@evil.example", "a@evil. example"),
        ("evil.\u{301}example", "evil. \u{301}example"),
        ("Dr. No, Version 1.0.", "Dr. No, Version 1.0."),
        ("x” »y« 「z」 \"q\"", "x' 'y' 'z' 'q'"),
        ("a\u{202E}b\u{200B}c", "a\u{FFFD}b\u{FFFD}c"),
    ])
    func `A text is one line, within its quotation marks, and no link`(_ text: String, _ shown: String) throws {
        #expect(try #require(ForeignText.shown(text)).utf8.elementsEqual(shown.utf8))
    }

    @Test func `A long text is cut, also where it has one letter with many marks`() throws {
        for text in [
            String(repeating: "ab.", count: 500), "a" + String(repeating: "\u{301}", count: 100_000), String(repeating: "x", count: 101),
        ] {
            let shown = try #require(ForeignText.shown(text))
            #expect(shown.unicodeScalars.count == ForeignText.maximumLength)
            #expect(shown.unicodeScalars.last == "…")
        }
        let longest = String(repeating: "x", count: ForeignText.maximumLength)
        #expect(ForeignText.shown(longest) == longest)
    }

    @Test(arguments: ["", " ", "\r\n\t\u{0}", "\u{2028}\u{3000}"])
    func `Nothing is left of white space`(_ text: String) {
        #expect(ForeignText.shown(text) == nil)
    }

    @Test(arguments: [
        (0, "1 minute"), (1, "1 minute"), (20, "20 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours"), (2880, "2 days"),
        (10_080, "7 days"), (4380, "73 hours"),
    ])
    func `A time has the largest unit in which it is a whole number`(_ minutes: Int, _ text: String) {
        #expect(MailLocale.english.lifetime(minutes: minutes) == text)
    }

    @Test func `Each language has its own units`() {
        let texts = [MailLocale.german, .french, .spanish, .japanese].map { locale in
            [1, 20, 60, 1440, 10_080].map { locale.lifetime(minutes: $0) }.joined(separator: "|")
        }
        #expect(
            texts == [
                "1 Minute|20 Minuten|1 Stunde|24 Stunden|7 Tage", "1 minute|20 minutes|1 heure|24 heures|7 jours",
                "1 minuto|20 minutos|1 hora|24 horas|7 días", "1分間|20分間|1時間|24時間|7日間",
            ])
    }
}
