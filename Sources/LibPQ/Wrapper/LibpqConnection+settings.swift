import CLibpq

extension LibpqConnection {
    private static let answerTimeout: Duration = .seconds(2)

    private static let advice = "a pooler stands before PostgreSQL: see \"Connection poolers\" in docs/operations.md"

    /// Checks that the connection has the required settings.
    ///
    /// - Returns: the PostgreSQL process behind a pooler; `nil` without a pooler.
    /// - Throws: ``PostgresError/unsuitable(_:)`` if a setting is wrong, ``PostgresError/unavailable(_:)`` if the server does not answer.
    @discardableResult
    func require(_ settings: SessionSettings) throws(PostgresError) -> PooledProcesses.Process? {
        guard let result = execute(settings.question, until: .now + Self.answerTimeout) else {
            throw .unavailable("no answer: \(errorMessage)")
        }
        guard result.status == PGRES_TUPLES_OK else { throw .unavailable("\(result.error)") }
        var found: [String: String] = [:]
        var backend: PooledProcesses.Process?
        for row in 0..<result.rowCount {
            let serverStart = result.text(row: row, column: 1)
            backend = result.text(row: row, column: 0).flatMap { Int32($0) }.map { .init(number: $0, serverStart: serverStart) }
            if let name = result.text(row: row, column: 2) { found[name] = result.text(row: row, column: 3) }
        }
        let pooled = backend?.number == backendPID ? nil : backend
        if let objection = settings.objection(to: found) {
            throw .unsuitable(pooled == nil ? objection : "\(objection); \(Self.advice)")
        }
        return pooled
    }
}
