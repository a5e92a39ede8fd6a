import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport

/// The instances under proof: built servers on one database, which come back on the port that they had.
final class Servers: Sendable {
    let database: String
    let environment: @Sendable (Int) -> [String: String]
    let program: (url: URL, arguments: [String])?
    private let running: NIOLockedValueBox<[ServerProcess]>
    private let ports: [Int]

    var count: Int { ports.count }
    var indices: Range<Int> { ports.indices }

    static func start(
        _ count: Int, database: String, environment: @escaping @Sendable (Int) -> [String: String],
        program: (url: URL, arguments: [String])?
    ) async throws -> Servers {
        var processes: [ServerProcess] = []
        for instance in 0..<count {
            processes.append(try await ServerProcess.start(database: database, environment: environment(instance), program: program))
        }
        return Servers(processes, database: database, environment: environment, program: program)
    }

    private init(
        _ processes: [ServerProcess], database: String, environment: @escaping @Sendable (Int) -> [String: String],
        program: (url: URL, arguments: [String])?
    ) {
        (self.database, self.environment, self.program) = (database, environment, program)
        running = NIOLockedValueBox(processes)
        ports = processes.map(\.port)
    }

    func port(of instance: Int) -> Int { ports[instance] }

    func kill(_ instance: Int) { process(instance).kill() }
    func freeze(_ instance: Int) { process(instance).freeze() }
    func thaw(_ instance: Int) { process(instance).thaw() }

    /// - Parameter other: the same in other surroundings.
    func restart(_ instance: Int, as other: (url: URL, arguments: [String])? = nil) async throws {
        let process = try await ServerProcess.start(
            database: database, port: port(of: instance), environment: environment(instance), program: other ?? program)
        running.withLockedValue { $0[instance] = process }
    }

    func killAll() { for process in running.withLockedValue({ $0 }) { process.kill() } }

    func haveLogged(_ trace: Regex<Substring>) throws -> Bool {
        try running.withLockedValue { $0 }.contains { try $0.logText().contains(trace) }
    }

    func process(_ instance: Int) -> ServerProcess { running.withLockedValue { $0[instance] } }
}
