import LibPQ
import NIOConcurrencyHelpers

/// The names of the tables of a shard on its node, and the statements over them.
final class ShardTables: Sendable {
    /// Each transaction on the shard begins with the hold. Citus does not move the shard until the transaction ends.
    let hold: BoundStatement
    /// The name of each table in the statements, and its name on the node. The functions of the trail have names for each shard too.
    private let names: [String: String]
    private let suffix: String
    private let statements = NIOLockedValueBox<[String: PostgresStatement]>([:])

    /// - Parameter shard: the number of one of the shard's tables. All tables of the shard move together.
    init(shard: Int64, names: [String: String]) {
        hold = BoundStatement(Self.holdShard, ["shard": .int8(shard)])
        suffix = "_\(shard)"
        let functions = ["audit.seal", "audit.erase", "audit.history"].map { [suffix] name in (name, name + suffix) }
        self.names = names.merging(functions) { $1 }
    }

    /// Fails with ``movedState`` if the shard is on another node. It is a separate statement, because a statement sees only what was
    /// committed before it began.
    static let holdShard = PostgresStatement("hold_shard", .reads, parameters: ["shard": .int8], sql: "SELECT hold_shard(:shard)")

    /// The SQLSTATE with which ``holdShard`` fails if the shard is on another node.
    static let movedState = "AA001"

    func statement(_ statement: PostgresStatement) -> PostgresStatement {
        statements.withLockedValue { statements in
            if let own = statements[statement.name] { return own }
            let own = statement.replacing(names, suffix: suffix)
            statements[statement.name] = own
            return own
        }
    }
}

extension PostgresError {
    /// Whether the transaction changed nothing, because the shard is no longer on this node.
    var isOfMovedShard: Bool {
        guard case .server(let refusal) = self else { return false }
        return switch refusal.sqlState {
        // The second: Citus has removed the table from the node.
        case ShardTables.movedState, "42P01": true
        case "XX000": refusal.messageForLog.contains("valid entry for shard")
        default: false
        }
    }

    /// Whether the node may have been replaced.
    var isOfNode: Bool {
        switch self {
        case .unavailable, .outcomeUnknown: true
        default: false
        }
    }
}
