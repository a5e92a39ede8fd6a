import Dispatch
import Glibc
import NIOConcurrencyHelpers
import SystemThread

/// Writes lines on a thread of its own, so that a pipe that no program reads, or a full disk, delays no request.
///
/// Lines that cannot be written are lost and counted. When the sink takes lines again, one line reports the number.
final class LogWriter: Sendable {
    /// Some seconds of a busy log.
    static let usualBacklog = 4 * 1024 * 1024
    /// How long the end of the process waits for the last lines.
    private static let flushTimeout: Duration = .seconds(1)

    private struct State {
        var backlog: LogBacklog
        var isWriting = false
    }

    private let descriptor: Int32
    private let lossNotice: @Sendable (Int) -> String
    private let state: NIOLockedValueBox<State>
    private let available = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - descriptor: of the sink. The caller keeps it open.
    ///   - lossNotice: the line that reports this number of lost lines.
    init(descriptor: Int32, maximumBacklog: Int = usualBacklog, lossNotice: @escaping @Sendable (Int) -> String) {
        self.descriptor = descriptor
        self.lossNotice = lossNotice
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

    /// Waits until all lines are written, for at most a second.
    func flush() {
        let deadline = ContinuousClock.now + Self.flushTimeout
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
            if unwritten == 0 { reportLoss(to: &sink) }
            state.withLockedValue { $0.isWriting = false }
        }
    }

    private func reportLoss(to sink: inout LogSink) {
        let lost = state.withLockedValue { $0.backlog.lost }
        guard lost > 0, sink.write(Array(lossNotice(lost).utf8)) == 0 else { return }
        state.withLockedValue { $0.backlog.markReported(lost) }
    }
}
