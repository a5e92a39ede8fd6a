/// A statement to be prepared once on each connection and executed with binary parameters.
public struct PostgresStatement: Sendable, Hashable {
    /// Whether running it again after an unknown outcome can do harm.
    public enum Effect: Sendable, Hashable {
        /// Changes nothing: run again when its connection is lost.
        case reads
        /// Changes something: never run again by this module.
        case writes
    }

    /// The name of the prepared statement; one name, one text.
    public let name: String
    public let effect: Effect
    public let parameterTypes: [PostgresType]
    public let sql: String

    public init(_ name: String, _ effect: Effect, parameters: [PostgresType] = [], sql: String) {
        self.name = name
        self.effect = effect
        self.parameterTypes = parameters
        self.sql = sql
    }
}

/// A statement and the values of its parameters.
public struct BoundStatement: Sendable {
    public let statement: PostgresStatement
    public let binds: [PostgresValue]

    public init(_ statement: PostgresStatement, _ binds: [PostgresValue] = []) {
        self.statement = statement
        self.binds = binds
    }

    /// What is wrong with these values for these parameters.
    var misuse: PostgresError? {
        let (name, types) = (statement.name, statement.parameterTypes)
        guard binds.count == types.count else { return .misuse("\(name): \(binds.count) values for \(types.count) parameters") }
        for (index, (bind, type)) in zip(binds, types).enumerated() where bind.type != nil && bind.type != type {
            return .misuse("\(name): $\(index + 1) is \(type)")
        }
        return nil
    }
}
