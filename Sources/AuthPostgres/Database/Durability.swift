import LibPQ

/// Whether what PostgreSQL acknowledges to us outlives the loss of a machine.
///
/// It is the operator's to decide; the server says at its start what the decision costs (PostgreSQL 15, chapters 20.5 and 27.2.8).
public struct Durability: Sendable {
    private let conninfo: String
    private var hasSeveralHosts: Bool { PostgresConninfo(conninfo)?.forEachHost.isEmpty == false }

    /// - Parameter conninfo: the connection string of the server, whose options may change what a commit waits for.
    public init(conninfo: String) { self.conninfo = conninfo }

    /// What may be lost after it was acknowledged, in words for the operator; empty where nothing may.
    ///
    /// - Throws: `PostgresError` where the database does not answer.
    public func doubts() async throws -> [String] {
        let rows = try await PostgresScriptConnection.with(conninfo, applicationName: "auth-api durability") { connection in
            try connection.query(
                """
                SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
                       (SELECT count(*) FROM pg_stat_replication)
                """)
        }
        let values = rows[0].map { value in value ?? "" }
        return doubts(fsync: values[0], commit: values[1], synchronous: values[2], standbys: Int(values[3]) ?? 0)
    }

    func doubts(fsync: String, commit: String, synchronous: String, standbys: Int) -> [String] {
        var doubts: [String] = []
        if fsync == "off" { doubts.append("fsync is off: a crash of the machine may lose or spoil everything") }
        switch commit {
        case "off": doubts.append("synchronous_commit is off: a crash of PostgreSQL loses the latest logouts, logins and registrations")
        case "local": doubts.append("synchronous_commit is local: a fail-over loses what the standby has not received")
        default: break
        }
        if synchronous.isEmpty, standbys > 0 || hasSeveralHosts {
            doubts.append("synchronous_standby_names is empty: a fail-over loses what the standby has not received, such as logouts")
        }
        return doubts
    }
}
