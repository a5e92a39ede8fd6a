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

    /// What is wrong with these values for these parameters.
    func misuse(by binds: [PostgresValue]) -> PostgresError? {
        guard binds.count == parameterTypes.count else {
            return .misuse("\(name): \(binds.count) values for \(parameterTypes.count) parameters")
        }
        for (index, (bind, type)) in zip(binds, parameterTypes).enumerated() where bind.type != nil && bind.type != type {
            return .misuse("\(name): $\(index + 1) is \(type)")
        }
        return nil
    }
}
