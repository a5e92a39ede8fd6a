import Foundation
import Testing

@testable import AuthMail

@Suite struct HeaderTextTests {
    @Test(arguments: ["", "Hello", "Confirm your e-mail address", "100 % = all?"])
    func `short ASCII stays as it is`(_ text: String) {
        #expect(HeaderText.unstructured(text) == text)
    }

    /// Every scalar of one to four octets at every place of a word, words that look encoded, and long ASCII.
    static let texts: [String] =
        ["ä", "€", "🔑", "e\u{301}"].flatMap { letter in
            (0...45).map { String(repeating: "x", count: $0) + String(repeating: letter, count: 30) }
        }
        + ["=?UTF-8?B?AAAA?=", String(repeating: "long ", count: 30), "日本語の件名がここにあります。とても長い件名なので折り返されます。", "\u{1F468}\u{200D}\u{1F469}"]

    @Test(arguments: texts)
    func `other text becomes encoded-words that end between characters, and gives the same text again`(_ text: String) throws {
        let lines = HeaderText.unstructured(text).components(separatedBy: "\r\n")
        var octets: [UInt8] = []
        for (number, line) in lines.enumerated() {
            #expect(number == 0 || line.hasPrefix(" "))
            let word = number == 0 ? line : String(line.dropFirst())
            #expect(word.utf8.count <= 75)
            #expect(number > 0 || "Subject: ".utf8.count + word.utf8.count <= 76)
            try #require(word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?="))
            let part = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            #expect(String(validating: part, as: UTF8.self) != nil, "a word splits a character")
            octets += part
        }
        #expect(octets == Array(text.utf8))
    }

    @Test func `a name before an address is quoted or encoded`() {
        #expect(HeaderText.phrase("Example, Inc.") == #""Example, Inc.""#)
        #expect(HeaderText.phrase(#"a "b" \c"#) == #""a \"b\" \\c""#)
        #expect(HeaderText.phrase("Jürgen") == "=?UTF-8?B?SsO8cmdlbg==?=")
    }

    @Test(arguments: [
        (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 +0000"),
        (1_796_122_680, "Tue, 1 Dec 2026 10:58:00 +0000"),
    ])
    func `a date is that of RFC 5322`(_ time: Int, _ text: String) {
        #expect(MailDate.text(secondsSince1970: time) == text)
    }

    @Test(arguments: [
        ("a\nb", "a\r\nb"), ("a\r\nb\r\n", "a\r\nb\r\n"), ("a\rb", "a\r\nb"), ("\n\n", "\r\n\r\n"), ("a\r\r\nb", "a\r\n\r\nb"), ("", ""),
    ])
    func `every line of a text ends with CR LF`(_ text: String, _ expected: String) {
        #expect(MailText.withCanonicalLines(text) == Array(expected.utf8))
    }
}
