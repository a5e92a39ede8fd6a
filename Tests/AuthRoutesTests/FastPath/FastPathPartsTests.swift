import FoundationEssentials
import HTTPTypes
import NIOCore
import Testing

@testable import AuthFastPath
@testable import AuthMiddleware

@Suite struct FastPathPartsTests {
    private struct Texts: Encodable {
        let a: String
        let b: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(a, forKey: .a)
            try container.encode(b, forKey: .b)
        }

        enum CodingKeys: String, CodingKey { case a, b }
    }

    @Test func `JSON that is written by hand is what the encoder writes`() throws {
        let texts = (0..<0x300).map { String(Unicode.Scalar($0)!) } + ["", "a/b", "\u{2028}\u{1F600}e\u{301}", "\"quoted\\\""]
        for text in texts {
            for other in [text, nil] {
                var written = ByteBuffer()
                JSONObjectWriter.write(into: &written) { object, buffer in
                    object.member("a", text, into: &buffer)
                    object.member("b", other, into: &buffer)
                }
                #expect(
                    try written.readBytes(length: written.readableBytes) == JSONBody.encode(Texts(a: text, b: other)),
                    "\(text.debugDescription)")
            }
        }
    }

    /// Computed with Python's email.utils.formatdate.
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    ])
    func `a date is written as HTTP has it`(second: Int, text: String) {
        var date = HTTPDate()
        #expect(date.text(at: Date(timeIntervalSince1970: Double(second) + 0.9)) == text)
    }

    @Test func `request ids are random UUIDs, each another`() {
        var ids = FreshRequestIDs()
        let texts = (0..<100).map { _ in ids.next().text }
        #expect(Set(texts).count == 100)
        #expect(texts.allSatisfy { $0.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil })
    }
}
