import Dispatch
import Glibc
import NIOConcurrencyHelpers
import SystemThread

/// Writes lines on a thread of its own, so that a pipe that nobody reads, or a full disk, holds up nobody who logs.
///
/// What cannot be written is lost, and counted; a line of its own says how many when the sink takes lines again.
final class LogWriter: Sendable {
    /// Some seconds of a busy log.
    static let usualBacklog = 4 * 1024 * 1024
    /// How long the end of the process waits for the last lines.
    private static let farewell: Duration = .seconds(1)

    private struct State {
        var backlog: LogBacklog
        var isWriting = false
    }

    private let descriptor: Int32
    private let confession: @Sendable (Int) -> String
    private let state: NIOLockedValueBox<State>
    private let available = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - descriptor: of the sink; stays the caller's.
    ///   - confession: the line that says how many were lost.
    init(descriptor: Int32, maximumBacklog: Int = usualBacklog, confession: @escaping @Sendable (Int) -> String) {
        self.descriptor = descriptor
        self.confession = confession
        state = NIOLockedValueBox(State(backlog: LogBacklog(maximumOctets: maximumBacklog)))
    }

    func start() throws(SystemThread.Refused) {
        signal(SIGPIPE, SIG_IGN)
        try SystemThread.start(named: "log") { self.run() }
    }

    /// Never waits for the sink.
    func write(_ line: String) {
        let isFirst = state.withLockedValue { state in
            defer { state.backlog.add(line) }
            return state.backlog.isEmpty
        }
        if isFirst { available.signal() }
    }

    /// Waits until what was given is written, or a second is over.
    func flush() {
        let deadline = ContinuousClock.now + Self.farewell
        while state.withLockedValue({ $0.isWriting || !$0.backlog.isEmpty }), .now < deadline { usleep(1000) }
    }

    private func run() {
        var sink = LogSink(descriptor: descriptor)
        while true {
            available.wait()
            let octets = state.withLockedValue { state in
                state.isWriting = true
                return state.backlog.take()
            }
            let unwritten = sink.write(octets)
            state.withLockedValue { $0.backlog.lose(unwritten) }
            if unwritten == 0 { confess(to: &sink) }
            state.withLockedValue { $0.isWriting = false }
        }
    }

    private func confess(to sink: inout LogSink) {
        let lost = state.withLockedValue { $0.backlog.lost }
        guard lost > 0, sink.write(Array(confession(lost).utf8)) == 0 else { return }
        state.withLockedValue { $0.backlog.confess(lost) }
    }
}
