/// A statement to be prepared once on each connection and executed with binary parameters. Its parameters have names.
public final class PostgresStatement: Sendable {
    /// Whether running it again after an unknown outcome can do harm.
    public enum Effect: Sendable, Hashable {
        /// Changes nothing: run again when its connection is lost.
        case reads
        /// Changes something: never run again by this module.
        case writes
        /// ``reads``, for many items together, so that callers who wait share one execution. Its parameters are arrays, one element
        /// of each for an item; its first column is the number of the item (`bigint`, from 1, as `WITH ORDINALITY` counts),
        /// which no two rows have in common.
        case readsTogether
        /// ``writes``, in the same way. They commit together or not at all, so none may fail or wait for what the others need not.
        case writesTogether
    }

    /// The name of the prepared statement; one name, one text.
    public let name: String
    public let effect: Effect
    /// In the order of the parameters' numbers.
    public let parameterTypes: [PostgresType]
    private let parameterNames: [StaticString]
    /// For PostgreSQL: each parameter is a number (`$n`).
    public let sql: String
    /// What is wrong with the names of the parameters; `nil` if nothing is. A statement with a fault is never sent.
    public let fault: String?
    /// The text in which the parameters still have names.
    private let source: String

    var isWrite: Bool { effect == .writes || effect == .writesTogether }
    var isShared: Bool { effect == .readsTogether || effect == .writesTogether }

    /// - Parameters:
    ///   - parameters: the names of the parameters and their types. Their order is that of the numbers in ``sql``.
    ///   - sql: the text, in which `:name` is a parameter. Each name occurs in it, and it has no other.
    public convenience init(_ name: String, _ effect: Effect, parameters: PostgresNamed<PostgresType> = [:], sql: String) {
        let names = parameters.elements.map(\.0)
        self.init(name, effect, names, parameters.elements.map(\.1), NamedSQL(sql, names: names), sql)
    }

    private init(
        _ name: String, _ effect: Effect, _ parameterNames: [StaticString], _ parameterTypes: [PostgresType], _ named: NamedSQL,
        _ source: String
    ) {
        (self.name, self.effect) = (name, effect)
        (self.parameterNames, self.parameterTypes) = (parameterNames, parameterTypes)
        (sql, fault, self.source) = (named.text, named.fault, source)
    }

    /// The same statement over other tables.
    ///
    /// - Parameters:
    ///   - replacements: the new name for each name. A name has its schema here if it has one in the text. The text's qualifiers of columns
    ///     are not replaced, so a replaced table needs an alias.
    ///   - suffix: added to the name of the statement, because two texts must not have one name.
    public func replacing(_ replacements: [String: String], suffix: String) -> PostgresStatement {
        PostgresStatement(
            name + suffix, effect, parameterNames, parameterTypes,
            NamedSQL(source, names: parameterNames, replacements: replacements), source)
    }

    /// The values in the order of the parameters, or what is wrong with their names.
    fileprivate func ordered(_ values: PostgresNamed<PostgresValue>) -> ([PostgresValue], fault: String?) {
        var ordered: [PostgresValue] = []
        ordered.reserveCapacity(parameterNames.count)
        for (index, name) in parameterNames.enumerated() {
            guard let value = values.value(of: name, near: index) else { return ([], "no value for :\(name)") }
            ordered.append(value)
        }
        guard values.elements.count == ordered.count else {
            return ([], "\(values.elements.count) values for \(ordered.count) parameters")
        }
        return (ordered, nil)
    }

    /// What is wrong with these values, which are in the order of the parameters.
    fileprivate func fault(of values: [PostgresValue]) -> String? {
        guard values.count == parameterTypes.count else { return "\(values.count) values for \(parameterTypes.count) parameters" }
        for (index, (value, type)) in zip(values, parameterTypes).enumerated() where value.type != nil && value.type != type {
            return ":\(parameterNames[index]) is \(type)"
        }
        return nil
    }
}

/// A statement and the values of its parameters.
public struct BoundStatement: Sendable {
    public let statement: PostgresStatement
    /// In the order of the parameters.
    let binds: [PostgresValue]
    /// Why the names of the values do not fit the statement; `nil` if they do.
    private let fault: String?

    /// Binds values by the names of their parameters.
    public init(_ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:]) {
        self.statement = statement
        (binds, fault) = statement.ordered(values)
    }

    /// Binds values in the order in which the statement declares its parameters. This is for statements that run for every request: no
    /// name is looked up.
    public init(_ statement: PostgresStatement, inOrder values: [PostgresValue]) {
        self.statement = statement
        (binds, fault) = (values, nil)
    }

    /// The same values for a statement with the same parameters.
    public func rebound(to other: PostgresStatement) -> BoundStatement {
        BoundStatement(other, binds, fault)
    }

    private init(_ statement: PostgresStatement, _ binds: [PostgresValue], _ fault: String?) {
        (self.statement, self.binds, self.fault) = (statement, binds, fault)
    }

    /// What is wrong with these values for these parameters.
    var misuse: PostgresError? {
        (fault ?? statement.fault ?? statement.fault(of: binds)).map { .misuse("\(statement.name): \($0)") }
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
