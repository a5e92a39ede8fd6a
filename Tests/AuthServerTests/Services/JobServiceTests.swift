import AuthCore
import AuthTestSupport
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import AuthServer

@Suite struct JobServiceTests {
    /// The lines of a log.
    private struct Log {
        private let box = NIOLockedValueBox<[String]>([])

        var lines: [String] { box.withLockedValue { $0 } }

        var logger: Logger {
            Logger(label: "test") { [box] label in
                LineLogHandler(
                    label: label, format: .text, clock: ManualClock(), write: { line in box.withLockedValue { $0.append(line) } },
                    logLevel: .info)
            }
        }
    }

    /// Runs a job until it says that a round is under way, or until it ends by itself, and stops it then.
    private static func stopInTheMiddle(_ log: Log, _ job: (AsyncStream<Void>.Continuation) -> Job) async throws {
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let service = JobService(job(continuation), logger: log.logger)
        let running = Task {
            defer { continuation.finish() }
            try await service.run()
        }
        for await _ in begun { break }
        running.cancel()
        try await running.value
    }

    @Test func `a stop in the middle of a round is not warned of`() async throws {
        let log = Log()
        try await Self.stopInTheMiddle(log) { begun in
            Job("test", every: .milliseconds(1), failure: "failed") { _ in
                begun.yield()
                try? await Task.sleep(for: .seconds(60))
                throw AuthError.unavailable(cause: "cancelled")
            }
        }
        #expect(log.lines == [])
    }

    @Test func `a stop in the middle of a rest ends the round`() async throws {
        let log = Log()
        try await Self.stopInTheMiddle(log) { begun in
            var job = Job("test", every: .milliseconds(1), failure: "failed") { rest in
                begun.yield()
                try await rest(.seconds(1))
                return Job.Outcome(notice: Job.Notice(.error, "rested", [:]))
            }
            job.restPerStep = 60
            return job
        }
        #expect(log.lines == [])
    }

    @Test func `a stop in the middle of a flush lets it finish, and flushes what came since`() async throws {
        let log = Log()
        let finished = NIOLockedValueBox(0)
        try await Self.stopInTheMiddle(log) { begun in
            var job = Job("test", every: .milliseconds(1), failure: "failed") { _ in
                begun.yield()
                try await Task.sleep(for: .milliseconds(100))
                finished.withLockedValue { $0 += 1 }
                return Job.Outcome()
            }
            job.stop = .completes
            return job
        }
        #expect(log.lines == [])
        #expect(finished.withLockedValue { $0 } == 2)
    }

    private struct Unforeseen: Error {}

    @Test(arguments: [Unforeseen(), CancellationError()] as [any Error], [Job.Stop.cancels, .completes])
    func `an error of any kind is in the log, and the next round follows`(error: any Error, stop: Job.Stop) async throws {
        let log = Log()
        let rounds = NIOLockedValueBox(0)
        try await Self.stopInTheMiddle(log) { begun in
            var job = Job("test", every: .milliseconds(1), failure: "failed") { _ in
                let round = rounds.withLockedValue {
                    $0 += 1
                    return $0
                }
                if round == 1 { throw error }
                begun.yield()
                return Job.Outcome()
            }
            job.stop = stop
            return job
        }
        // A stop adds a round if the job completes.
        #expect(rounds.withLockedValue { $0 } > (stop == .completes ? 2 : 1))
        #expect(log.lines.count == 1 && log.lines[0].contains(" WARNING failed cause="))
    }

    @Test func `a failed round and a late job are in the log, and the next round follows`() async throws {
        let log = Log()
        let rounds = NIOLockedValueBox(0)
        try await Self.stopInTheMiddle(log) { begun in
            var job = Job("test", every: .seconds(60), failure: "failed") { _ in
                let round = rounds.withLockedValue {
                    $0 += 1
                    return $0
                }
                if round == 2 { throw AuthError.unavailable(cause: "away") }
                if round == 5 {
                    begun.yield()
                    try await Task.sleep(for: .seconds(60))
                }
                return Job.Outcome(pause: .milliseconds(1))
            }
            job.firstPause = .zero
            job.pauseAfterFailure = .milliseconds(1)
            job.lag = Job.Lag(everyRounds: 3) { Job.Notice(.error, "late", ["events": 7]) }
            return job
        }
        let lines = log.lines.map { $0.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "" }
        #expect(lines.count == 2 && lines[0].hasPrefix("WARNING failed cause=") && lines[0].hasSuffix(" job=test\n"))
        #expect(lines.last == "ERROR late events=7 job=test\n")
    }
}
