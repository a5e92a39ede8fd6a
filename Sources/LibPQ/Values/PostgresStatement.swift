/// A statement to be prepared once on each connection and executed with binary parameters.
public struct PostgresStatement: Sendable, Hashable {
    /// Whether running it again after an unknown outcome can do harm.
    public enum Effect: Sendable, Hashable {
        /// Changes nothing: run again when its connection is lost.
        case reads
        /// Changes something: never run again by this module.
        case writes
        /// ``reads``, for many items at once, so that callers who wait share one execution. Its parameters are arrays, one element
        /// of each for an item; its first column is the number of the item (`bigint`, from 1, as `WITH ORDINALITY` counts),
        /// which no two rows have in common.
        case readsTogether
        /// ``writes``, in the same way. They commit together or not at all, so none may fail or wait for what the others need not.
        case writesTogether
    }

    /// The name of the prepared statement; one name, one text.
    public let name: String
    public let effect: Effect
    public let parameterTypes: [PostgresType]
    public let sql: String

    var isWrite: Bool { effect == .writes || effect == .writesTogether }
    var isShared: Bool { effect == .readsTogether || effect == .writesTogether }

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

    /// How many items it brings to a shared execution.
    ///
    /// - Throws: ``PostgresError/misuse(_:)`` where it shares none, or its arrays have no or not the same length.
    func itemCount() throws(PostgresError) -> Int {
        if let misuse { throw misuse }
        guard statement.isShared, let count = binds.first?.elementCount, count > 0,
            binds.allSatisfy({ $0.elementCount == count })
        else { throw .misuse("\(statement.name): not shared, or no items") }
        return count
    }
}
