import AuthTestSupport
import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import AuthServer

@Suite struct LogTests {
    private final class Lines: Sendable {
        private let lines = NIOLockedValueBox<[String]>([])
        var all: [String] { lines.withLockedValue { $0 } }
        func append(_ line: String) { lines.withLockedValue { $0.append(line) } }
    }

    private func lines(_ format: LoggingSettings.Format, _ body: (Logger) -> Void) -> [String] {
        let lines = Lines()
        body(
            Logger(label: "test") { label in
                LineLogHandler(label: label, format: format, clock: ManualClock(), write: { lines.append($0) }, logLevel: .info)
            })
        return lines.all
    }

    @Test func `a text line is time, level, message and fields in their order`() {
        let lines = lines(.text) { $0.info("request", metadata: ["status": "200", "method": "GET"]) }
        #expect(lines == ["2026-01-01T00:00:00.000000Z INFO request method=GET status=200\n"])
    }

    @Test func `a list in a text line has commas between its elements`() {
        let lines = lines(.text) { $0.info("migrated", metadata: ["applied": .array([.stringConvertible(1), .stringConvertible(2)])]) }
        #expect(lines == ["2026-01-01T00:00:00.000000Z INFO migrated applied=1,2\n"])
    }

    @Test func `a JSON line is one object`() throws {
        let lines = lines(.json) { $0.warning("odd", metadata: ["path": "/a b"]) }
        let members = try JSONDecoder().decode([String: String].self, from: Data(try #require(lines.first).utf8))
        #expect(members == ["time": "2026-01-01T00:00:00.000000Z", "level": "warning", "message": "odd", "path": "/a b"])
    }

    @Test func `numbers and booleans are such in the JSON, in lists too; texts that look like them are texts`() throws {
        let lines = lines(.json) { logger in
            logger.info(
                "x",
                metadata: [
                    "count": .stringConvertible(-3), "events": .stringConvertible(Int64.max), "part": .stringConvertible(0.125),
                    "tls": .stringConvertible(true), "text": "200", "applied": .array([.stringConvertible(1), "a"]),
                    "none": .stringConvertible(Double.nan), "inner": .dictionary(["n": .stringConvertible(UInt16(7))]),
                ])
        }
        #expect(
            lines == [
                #"{"time":"2026-01-01T00:00:00.000000Z","level":"info","message":"x","applied":[1,"a"],"count":-3,"#
                    + #""events":9223372036854775807,"inner":{"n":7},"none":"nan","part":0.125,"text":"200","tls":true}"# + "\n"
            ])
    }

    @Test(arguments: LoggingSettings.Format.allCases)
    func `LG3: nothing from outside begins a line or commands a terminal`(_ format: LoggingSettings.Format) {
        let hostile = "a\nb\r\u{1B}[31m\u{2028}\u{2029}\u{85}\u{202E}\0\u{7F}\"\\ =x"
        let lines = lines(format) { $0.error("\(hostile)", metadata: ["agent": "\(hostile)"]) }
        #expect(lines.count == 1)
        let line = lines[0].dropLast()
        #expect(lines[0].hasSuffix("\n"))
        for scalar in line.unicodeScalars {
            #expect(![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory))
        }
    }

    @Test func `what is hostile comes back whole from the JSON`() throws {
        let hostile = "a\nb\u{1B}\u{202E}\u{1F511}\"\\"
        let lines = lines(.json) { $0.error("x", metadata: ["agent": "\(hostile)"]) }
        let members = try JSONDecoder().decode([String: String].self, from: Data(lines[0].utf8))
        #expect(members["agent"] == hostile)
    }

    @Test func `below its level a logger is silent`() {
        #expect(lines(.text) { $0.debug("x") }.isEmpty)
    }
}
