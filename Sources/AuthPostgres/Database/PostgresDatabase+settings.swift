extension PostgresDatabase {
    /// The settings of a connection that the statements of this module rely on, whatever a role, a database or the environment say.
    public static let sessionSettings = [
        // All tables are in one schema. No other schema comes before it.
        "search_path": "public, pg_temp",
        // Each statement of a transaction sees what was committed before the statement began, and none fails because of other transactions.
        "default_transaction_isolation": "read committed",
        // Otherwise PostgreSQL would plan a statement over arrays anew for every execution for as long as it thinks that this pays.
        "plan_cache_mode": "force_generic_plan",
        // A plan stays until the table is analysed again. If the table was small then and an attack has filled it, a sequential scan
        // would read all of it for each login.
        "enable_seqscan": "off",
        // Compiling would take many times as long as any of these statements.
        "jit": "off",
    ]
}
