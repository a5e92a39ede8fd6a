extension PostgresClient {
    /// How to reach PostgreSQL and how much to ask of it.
    public struct Configuration: Sendable {
        /// Any libpq connection string: several hosts, `target_session_attrs`, `sslmode` and all.
        public var conninfo: String
        public var connections: Int
        /// Statements that one connection has at a time; more would wait in its socket instead of for a free neighbour.
        public var maximumInFlightPerConnection: Int
        /// The most statements that may wait for a connection. A further one is refused immediately.
        public var maximumQueued: Int
        /// Deadline of a statement, waiting for a connection included.
        public var operationTimeout: Duration
        public var applicationName: String
        /// PostgreSQL settings that the statements rely on. Every connection gets them, whatever the role, the database or the connection
        /// string say, and is checked for them before it is used.
        public var sessionSettings: [String: String]
        /// Shared by the clients of a process, it keeps all of them to one server.
        public var lineage: PostgresLineage
        /// Shared by the clients of a process, it keeps them from filling the log during an outage.
        public var outages: PostgresOutageLog

        public init(
            conninfo: String, connections: Int = 4, maximumInFlightPerConnection: Int = 32, maximumQueued: Int = 1024,
            operationTimeout: Duration = .milliseconds(1500), applicationName: String = "libpq-swift",
            sessionSettings: [String: String] = [:], lineage: PostgresLineage = PostgresLineage(),
            outages: PostgresOutageLog = PostgresOutageLog()
        ) {
            self.conninfo = conninfo
            self.connections = connections
            self.maximumInFlightPerConnection = maximumInFlightPerConnection
            self.maximumQueued = maximumQueued
            self.operationTimeout = operationTimeout
            self.applicationName = applicationName
            self.sessionSettings = sessionSettings
            self.lineage = lineage
            self.outages = outages
        }
    }
}

extension PostgresClient.Configuration {
    /// What to try in turn, one host at a time: libpq alone would take the first that takes writes, whatever its history.
    var connectionAttempts: [[(keyword: String, value: String)]] {
        let hosts = PostgresConninfo(conninfo)?.forEachHost ?? []
        return (hosts.isEmpty ? [conninfo] : hosts).map(connectionParameters)
    }

    /// In libpq the later wins: our defaults, then the connection string, then what must be so.
    private func connectionParameters(_ conninfo: String) -> [(keyword: String, value: String)] {
        Self.defaults + [
            ("fallback_application_name", applicationName),
            ("dbname", conninfo),
            ("client_encoding", "UTF8"),
            ("options", startupOptions),
        ]
    }

    /// A dead host is noticed in seconds, and a standby is no primary.
    static let defaults = [
        ("connect_timeout", "2"), ("tcp_user_timeout", "5000"),
        ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
        ("target_session_attrs", "read-write"),
    ]

    /// PostgreSQL ends a statement before the client's own deadline, so that its outcome is known. The connection string may change this.
    private var startupOptions: String {
        let limits = ["TimeZone": "UTC", "idle_in_transaction_session_timeout": "5000"].merging(timeLimits) { $1 }
        return SessionSettings.options(limits, PostgresConninfo(conninfo)?["options"], requiredSettings.values)
    }

    /// The limits of a statement. Behind a pooler each transaction sets them for itself.
    var timeLimits: [String: String] { ["lock_timeout": milliseconds(0.65), "statement_timeout": milliseconds(0.8)] }

    /// PostgreSQL reports a commit that was not replicated only by a warning.
    var requiredSettings: SessionSettings {
        SessionSettings(values: ["client_min_messages": "warning"].merging(sessionSettings) { $1 })
    }

    private func milliseconds(_ share: Double) -> String {
        String(max(1, Int(operationTimeout / .milliseconds(1) * share)))
    }
}
