import Glibc
import Testing

@testable import AuthServer

@Suite struct LogWriterTests {
    /// A pipe whose writing end a log has.
    private struct Pipe {
        let input: Int32
        let output: Int32

        init() {
            var ends: [Int32] = [0, 0]
            _ = pipe(&ends)
            (output, input) = (ends[0], ends[1])
        }

        /// Reads until what came is enough, or nothing comes for ten seconds.
        func text(until isEnough: (String) -> Bool) -> String {
            var octets: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            while !isEnough(String(decoding: octets, as: UTF8.self)), poll(&request, 1, 10_000) > 0 {
                octets += buffer[..<max(0, read(output, &buffer, buffer.count))]
            }
            return String(decoding: octets, as: UTF8.self)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F31: a pipe that no program reads holds up no caller, and later says how many lines were lost`() throws {
        let pipe = Pipe()
        let writer = LogWriter(descriptor: pipe.input, maximumBacklog: 4096) { "lost \($0)\n" }
        try writer.start()
        // More than the pipe and the backlog hold.
        for number in 1...20_000 { writer.write("line \(number)\n") }
        let lines = pipe.text { Self.known(in: $0) == 20_000 && $0.hasSuffix("\n") }.split(separator: "\n")
        let numbers = lines.compactMap { $0.wholeMatch(of: /line (\d+)/).flatMap { Int($0.1) } }
        #expect(numbers.count < 20_000 && Set(numbers).count == numbers.count && numbers == numbers.sorted())
        writer.write("one more\n")
        #expect(pipe.text { $0.hasSuffix("\n") } == "one more\n")
    }

    /// How many lines came or are said to be lost.
    private static func known(in text: String) -> Int {
        text.split(separator: "\n").reduce(0) { sum, line in
            sum + (line.wholeMatch(of: /lost (\d+)/).flatMap { Int($0.1) } ?? 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F31: a pipe that another program made non-blocking loses nothing`() async throws {
        let pipe = Pipe()
        _ = fcntl(pipe.input, F_SETFL, O_NONBLOCK)
        let writer = LogWriter(descriptor: pipe.input) { "lost \($0)\n" }
        try writer.start()
        for number in 1...20_000 { writer.write("line \(number)\n") }
        let text = pipe.text { $0.hasSuffix("line 20000\n") }
        #expect(text == (1...20_000).map { "line \($0)\n" }.joined())
    }

    @Test func `F31: what a full sink tore is ended before the next line`() {
        let pipe = Pipe()
        var sink = LogSink(descriptor: pipe.input)
        #expect(sink.write(Array("torn".utf8)) == 0)
        #expect(sink.write(Array("whole\n".utf8)) == 0)
        #expect(pipe.text { $0.hasSuffix("whole\n") } == "torn\nwhole\n")
        var full = LogSink(descriptor: open("/dev/full", O_WRONLY))
        #expect(full.write(Array("one\ntwo\n".utf8)) == 2)
    }
}
