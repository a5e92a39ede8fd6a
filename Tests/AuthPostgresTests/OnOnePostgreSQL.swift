import AuthTestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// For a test whose own statements look at one PostgreSQL, or that Citus does not run: the server runs its statements on the shards, a
    /// test asks the coordinator.
    static var onOnePostgreSQL: Self { .disabled(if: TestDatabase.isDistributed, "its own statements need one PostgreSQL") }
}
