import SystemThread

extension PostgresClient {
    private static let rounds = 3

    /// Checks before the start whether a pooler in front of PostgreSQL can serve this client. Without a pooler it makes one connection.
    ///
    /// - Throws: ``PostgresError/unsuitable(_:)`` if it cannot, however long the caller waits; ``PostgresError/unavailable(_:)`` if there is
    ///   no connection.
    public func checkPooler() async throws(PostgresError) {
        let configuration = configuration
        let result: Result<Void, PostgresError> = await withCheckedContinuation { continuation in
            do {
                try SystemThread.start(named: "pg-pooler") {
                    continuation.resume(returning: Result { () throws(PostgresError) in try Self.checkPooler(configuration) })
                }
            } catch {
                continuation.resume(returning: .failure(.unavailable("\(error)")))
            }
        }
        try result.get()
    }

    private static func checkPooler(_ configuration: Configuration) throws(PostgresError) {
        let first = try Probe(configuration)
        guard case .sessions = first.pooling else { return }
        let second: Probe
        do throws(PostgresError) {
            second = try Probe(configuration)
        } catch {
            if case .unsuitable = error { throw error }
            // In session mode all processes of the pool may be in use.
            return
        }
        // In transaction mode a pooler lends the process of the last transaction to the next one, whatever its connection.
        for _ in 0..<rounds {
            for (probe, other) in [(first, second), (second, first)] {
                let process = try probe.process()
                guard .sessions(process) == probe.pooling, .sessions(process) != other.pooling else {
                    throw .unsuitable(PooledProcesses.reason)
                }
            }
        }
    }

    /// A connection that only asks PostgreSQL about itself.
    private struct Probe {
        private let connection: LibpqConnection
        private let settings: SessionSettings
        let pooling: Pooling

        init(_ configuration: Configuration) throws(PostgresError) {
            settings = configuration.requiredSettings
            connection = try Self.connection(configuration)
            let answer = try connection.ask(settings)
            try connection.require(settings, in: answer)
            guard let process = answer.pooled else {
                pooling = .none
                return
            }
            guard let pooling = try connection.pooling(of: process) else { throw .unsuitable(PooledProcesses.reason) }
            self.pooling = pooling
        }

        private static func connection(_ configuration: Configuration) throws(PostgresError) -> LibpqConnection {
            var reasons: [String] = []
            for attempt in configuration.connectionAttempts {
                do throws(PostgresError) {
                    return try LibpqConnection(parameters: attempt)
                } catch {
                    if case .unsuitable = error { throw error }
                    reasons.append("\(error)")
                }
            }
            throw .unavailable(reasons.joined(separator: "; "))
        }

        func process() throws(PostgresError) -> PooledProcesses.Process {
            guard let process = try connection.ask(settings).pooled else { throw .unavailable("no pooler any more") }
            return process
        }
    }
}
