public import AuthCore
import LibPQ

extension PostgresAuditTrailStore {
    static let headStatements = [takeHead, findHead, findLinks, hashLinks]

    static let takeHead = PostgresStatement(
        "take_head", .writes, sql: "SELECT number::bigint, encode(hash, 'hex') AS hash FROM audit.take_head()")

    public func head() async throws(AuthError) -> SealHead {
        let rows = try await database.runOnCoordinator(Self.takeHead)
        return try decoding(Self.takeHead) { () throws(PostgresError) in
            SealHead(number: try rows[0].int8("number"), hash: try rows[0].text("hash"))
        }
    }

    /// The positions of the ends of all chains when the head was taken. An intruder may have changed the row.
    static let findHead = PostgresStatement(
        "find_head", .reads, parameters: ["hash": .text],
        sql: """
            SELECT (p.number - 1)::integer AS routing, coalesce(p.position, -1) AS position, coalesce(p.volume, -1) AS volume
            FROM audit.heads h, unnest(h.positions, h.volumes) WITH ORDINALITY AS p (position, volume, number)
            WHERE h.hash = decode(:hash, 'hex')
            ORDER BY p.number
            """)

    /// The hashes and the times that the trail has now at these positions.
    static let findLinks = PostgresStatement(
        "find_links", .reads, parameters: ["routings": .int4Array, "positions": .int8Array, "volumes": .int4Array],
        sql: """
            SELECT p.routing, encode(coalesce(e.hash, c.start_hash), 'hex') AS hash,
                   extract(epoch FROM coalesce(e.sealed_at, c.start_sealed_at))::text AS sealed_at
            FROM unnest(:routings, :positions, :volumes) AS p (routing, position, volume)
            LEFT JOIN audit_events e ON e.volume = p.volume AND e.routing = p.routing AND e.position = p.position
            LEFT JOIN audit.chains c ON c.routing = p.routing AND c.start_position = p.position
            WHERE e.hash IS NOT NULL OR c.start_hash IS NOT NULL
            """)

    static let hashLinks = PostgresStatement(
        "hash_links", .reads, parameters: ["positions": .int8Array, "hashes": .textArray, "times": .textArray],
        sql: """
            SELECT coalesce(sum(position), 0)::bigint AS number, encode(sha256(convert_to(
                       jsonb_agg(jsonb_build_array(position, hash, sealed_at::numeric) ORDER BY number)::text, 'UTF8')), 'hex') AS hash
            FROM unnest(:positions, :hashes, :times) WITH ORDINALITY AS l (position, hash, sealed_at, number)
            """)

    /// Computes the hash again, over the events at which the chains ended when the head was taken.
    public func holds(_ head: SealHead) async throws(AuthError) -> Bool {
        let ends = try await ends(at: head)
        let links = try await links(at: ends)
        var (positions, hashes, times): ([Int64], [String], [String]) = ([], [], [])
        for end in ends {
            guard let link = links[end.routing] else { return false }
            positions.append(end.position)
            hashes.append(link.hash)
            times.append(link.sealedAt)
        }
        guard !positions.isEmpty else { return false }
        let rows = try await database.runOnCoordinator(
            Self.hashLinks, ["positions": .int8Array(positions), "hashes": .textArray(hashes), "times": .textArray(times)])
        return try decoding(Self.hashLinks) { () throws(PostgresError) in
            let (number, hash) = (try rows[0].int8("number"), try rows[0].text("hash"))
            return number == head.number && hash.hasSameOctets(as: head.hash)
        }
    }

    private typealias End = (routing: Int32, position: Int64, volume: Int32)

    /// - Returns: the ends in the order of the routing keys; none if no such head was taken.
    private func ends(at head: SealHead) async throws(AuthError) -> [End] {
        let rows = try await database.runOnCoordinator(Self.findHead, ["hash": .text(head.hash)])
        return try decoding(Self.findHead) { () throws(PostgresError) in
            var ends: [End] = []
            for row in rows { ends.append((try row.int4("routing"), try row.int8("position"), try row.int4("volume"))) }
            return ends
        }
    }

    private func links(at ends: [End]) async throws(AuthError) -> [Int32: (hash: String, sealedAt: String)] {
        let results = try await database.runOnAllShards(
            Self.findLinks,
            [
                "routings": .int4Array(ends.map(\.routing)), "positions": .int8Array(ends.map(\.position)),
                "volumes": .int4Array(ends.map(\.volume)),
            ])
        return try decoding(Self.findLinks) { () throws(PostgresError) in
            var links: [Int32: (hash: String, sealedAt: String)] = [:]
            for rows in results {
                for row in rows { links[try row.int4("routing")] = (try row.text("hash"), try row.text("sealed_at")) }
            }
            return links
        }
    }
}
