import CLibpq

extension LibpqConnection {
    private static let answerTimeout: Duration = .seconds(2)

    private static let advice =
        "the pooler in front of PostgreSQL does not pass this setting on: give the setting to the role (sql/roles/settings.sql); "
        + "see \"Connection poolers\" in docs/operations.md"

    /// What PostgreSQL says about a connection.
    struct SettingsAnswer {
        let found: [String: String]
        /// The PostgreSQL process behind a pooler; `nil` without a pooler.
        let pooled: PooledProcesses.Process?
    }

    /// Asks which settings the connection has, and which process serves it.
    ///
    /// - Throws: ``PostgresError/unavailable(_:)`` if the server does not answer.
    func ask(_ settings: SessionSettings) throws(PostgresError) -> SettingsAnswer {
        guard let result = execute(settings.question(process: backendPID), until: .now + Self.answerTimeout) else {
            throw .unavailable("no answer: \(errorMessage)")
        }
        guard result.status == PGRES_TUPLES_OK else { throw .unavailable("\(result.error)") }
        var found: [String: String] = [:]
        var process: PooledProcesses.Process?
        for row in 0..<result.rowCount {
            let serverStart = result.text(row: row, column: 1)
            process = result.text(row: row, column: 0).flatMap { Int32($0) }.map { .init(number: $0, serverStart: serverStart) }
            if let name = result.text(row: row, column: 2) { found[name] = result.text(row: row, column: 3) }
        }
        return SettingsAnswer(found: found, pooled: process?.number == backendPID ? nil : process)
    }

    /// Checks that the connection has the required settings.
    ///
    /// - Throws: ``PostgresError/unsuitable(_:)`` if one is wrong.
    func require(_ settings: SessionSettings, in answer: SettingsAnswer) throws(PostgresError) {
        guard let objection = settings.objection(to: answer.found) else { return }
        throw .unsuitable(answer.pooled == nil ? objection : "\(objection); \(Self.advice)")
    }
}
