import AuthTestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// For a test with statements of its own that work only on one PostgreSQL. With Citus a test sends them to the coordinator, which
    /// refuses some, while the server runs its statements on the shards.
    static var onOnePostgreSQL: Self { .disabled(if: TestDatabase.isDistributed, "its own statements need one PostgreSQL") }
}
