import AuthTestSupport
import Foundation
import LibPQ
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import LibPQ

@Suite struct OutageLogTests {
    private final class Client {}

    @Test func `an outage is one line when it begins, one a minute with the count, and one at the end`() {
        let (log, client, start) = (PostgresOutageLog(), Client(), ContinuousClock.now)
        let keys = (0..<9).map { PostgresOutageLog.Key(client: ObjectIdentifier(client), number: $0) }
        var lines: [PostgresOutageLog.Line] = []
        for second in 0..<180 {
            for key in keys { if let line = log.line(failed: key, at: start + .seconds(second)) { lines.append(line) } }
        }
        #expect(lines == [.began, .lasts(failures: 541, connections: 9), .lasts(failures: 1081, connections: 9)])
        for key in keys.dropLast() { #expect(log.line(connected: key, at: start + .seconds(180)) == nil) }
        #expect(log.line(connected: keys[8], at: start + .seconds(180)) == .ended(failures: 1620, after: .seconds(180)))
        #expect(log.line(connected: keys[8], at: start + .seconds(181)) == nil)
        #expect(log.line(failed: keys[0], at: start + .seconds(182)) == .began)
    }

    @Test func `what a client that has ended failed at is no outage of the others`() {
        let (log, first, second) = (PostgresOutageLog(), Client(), Client())
        let keys = [first, second].map { PostgresOutageLog.Key(client: ObjectIdentifier($0), number: 0) }
        for key in keys { _ = log.line(failed: key, at: .now) }
        log.forget(ObjectIdentifier(first))
        guard case .ended(failures: 2, _) = log.line(connected: keys[1], at: .now) else { return #expect(Bool(false)) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that takes connections and drops them is asked ever less often, and fills no log`() async throws {
        let lines = NIOLockedValueBox<[Logger.Level: Int]>([:])
        // No server listens behind the proxy.
        try await Proxy.with("host=127.0.0.1 port=1 user=x dbname=x") { _, conninfo in
            let client = PostgresClient(
                configuration: .init(conninfo: conninfo, connections: 4),
                logger: Logger(label: "test") { _ in CountingHandler(lines: lines) })
            try client.start()
            try await Task.sleep(for: .seconds(4))
            let found = lines.withLockedValue { $0 }
            #expect(found[.warning] == 1 && found[.info] == nil && found[.notice] == nil)
            // Every attempt is a line of one of the two levels. With the shortest pauses each connection makes ten in four seconds.
            #expect((1...60).contains(found[.debug] ?? 0), "\(found)")
            await client.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `connections that are lost when they were just made are made ever less often`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Proxy.with(database.conninfo) { proxy, conninfo in
                try await Clients.with(conninfo, connections: 1) { client in
                    let start = ContinuousClock.now
                    while client.snapshot.connects < 9 {
                        if client.snapshot.ready > 0 { proxy.cut() }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    // The eight shortest pauses before the ninth are 2.6 s together.
                    #expect(ContinuousClock.now - start > .seconds(2.5))
                }
            }
        }
    }

    private struct CountingHandler: LogHandler {
        let lines: NIOLockedValueBox<[Logger.Level: Int]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        init(lines: NIOLockedValueBox<[Logger.Level: Int]>) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.withLockedValue { $0[event.level, default: 0] += 1 } }
    }
}
