import AuthCore
import LibPQ

/// The map of the shards: which node had each shard when the map was read.
struct ShardMap: Sendable {
    /// A server of the cluster, as Citus knows it.
    struct Address: Hashable, Sendable {
        /// A server and its replacement have the same group. Group 0 is the coordinator.
        let group: Int32
        let host: String
        let port: Int32
    }

    /// The shards, in the order of their numbers.
    let shards: [Shard]
    /// For each node, its copies of the tables that every node has.
    let replicas: [Shard]
    /// For each routing key, the index of its shard.
    private let indices: [Int]

    func shard(of key: RoutingKey) throws(PostgresError) -> Shard {
        guard let index = index(of: key) else { throw .misuse("the routing key \(key.value) has no shard") }
        return shards[index]
    }

    /// - Returns: `nil` if the number is not a routing key.
    func index(of key: RoutingKey) -> Int? { indices.indices.contains(Int(key.value)) ? indices[Int(key.value)] : nil }

    /// - Parameters:
    ///   - placements: the rows of ``findPlacements``.
    ///   - keys: the rows of ``findKeys``.
    ///   - node: returns the connections to a server.
    init(
        placements: PostgresRows, keys: PostgresRows, node: (Address) throws(PostgresError) -> PostgresNode
    ) throws(PostgresError) {
        var (tables, copies): ([Int32: Tables], [String: Int64]) = ([:], [:])
        var holders: [Address: [Int64]] = [:]
        for row in placements {
            let (relation, number) = (try row.text("relation"), try row.int8("shard"))
            let address = Address(group: try row.int4("node_group"), host: try row.text("host"), port: try row.int4("port"))
            if let hash = try row.optionalInt4("first_hash") {
                tables[hash, default: Tables(address: address)].numbers[relation] = number
            } else {
                copies[relation] = number
                holders[address, default: []].append(number)
            }
        }
        guard let cutoff = copies["session_cutoff"] else { throw .unavailable("Citus does not have the tables: run `auth-api migrate`") }
        let names = Self.names(copies)
        var (shards, indexOfNumber): ([Shard], [Int64: Int]) = ([], [:])
        for table in tables.values.sorted(by: { left, right in left.number < right.number }) where table.number > 0 {
            let own = ShardTables(shard: table.number, names: names.merging(Self.names(table.numbers)) { $1 })
            indexOfNumber[table.number] = shards.count
            shards.append(Shard(node: try node(table.address), tables: own))
        }
        var indices: [Int] = []
        for row in keys { indices.append(indexOfNumber[try row.int8("shard")] ?? -1) }
        guard indices.count == Int(RoutingKey.count), !indices.contains(-1) else {
            throw .unavailable("Citus does not say where every shard is")
        }
        var replicas: [Shard] = []
        for address in holders.keys.sorted(by: { left, right in left.group < right.group }) {
            replicas.append(Shard(node: try node(address), tables: ShardTables(shard: cutoff, names: names)))
        }
        (self.shards, self.replicas, self.indices) = (shards, replicas, indices)
    }

    /// The tables of one shard. Each table has the rows of the same range of hashes.
    private struct Tables {
        let address: Address
        var numbers: [String: Int64] = [:]
        /// The number of the table `users`. The hold uses it.
        var number: Int64 { numbers["users"] ?? 0 }
    }

    private static func names(_ numbers: [String: Int64]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: numbers.map { relation, number in
                (relation, (relation.utf8.contains(UInt8(ascii: ".")) ? "" : "public.") + "\(relation)_\(number)")
            })
    }

    static let findPlacements = PostgresStatement(
        "find_placements", .reads,
        sql: """
            SELECT d.logicalrelid::regclass::text AS relation, s.shardid AS shard, s.shardminvalue::integer AS first_hash,
                   n.groupid AS node_group, n.nodename AS host, n.nodeport AS port
            FROM pg_dist_partition d
            JOIN pg_class c ON c.oid = d.logicalrelid AND NOT c.relispartition
            JOIN pg_dist_shard s ON s.logicalrelid = d.logicalrelid
            JOIN pg_dist_placement p ON p.shardid = s.shardid
            JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary'
            -- Other programs may have tables here too.
            WHERE d.colocationid = (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = 'users'::regclass)
               OR d.logicalrelid IN ('schema_migrations'::regclass, 'session_cutoff'::regclass, 'audit.volumes'::regclass)
            """)

    static let findKeys = PostgresStatement(
        "find_keys", .reads,
        sql: """
            SELECT s.shardid AS shard
            FROM generate_series(0, 4095) AS key
            JOIN pg_dist_shard s ON s.logicalrelid = 'users'::regclass
                                AND worker_hash(key) BETWEEN s.shardminvalue::integer AND s.shardmaxvalue::integer
            ORDER BY key
            """)
}
