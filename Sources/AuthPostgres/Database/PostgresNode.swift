public import LibPQ

/// The connections to one PostgreSQL server.
///
/// Look-ups by a key that came with the request (the guard's, a refresh's, a service's) have connections of their own, so that
/// no login, however many there are, keeps them waiting. The work in the background has one, so that it keeps no request waiting.
public struct PostgresNode: Sendable {
    enum ConnectionGroup { case lookups, work, background }

    let lookups: PostgresClient
    let work: PostgresClient
    let background: PostgresClient

    /// - Parameters:
    ///   - lookups: for look-ups by a key that came with the request.
    ///   - work: for all other requests.
    ///   - background: for the work in the background; one connection.
    public init(lookups: PostgresClient, work: PostgresClient, background: PostgresClient) {
        self.lookups = lookups
        self.work = work
        self.background = background
    }

    func start() throws(PostgresError) {
        try lookups.start()
        try work.start()
        try background.start()
    }

    func shutdown() async {
        await lookups.shutdown()
        await work.shutdown()
        await background.shutdown()
    }

    func client(of group: ConnectionGroup) -> PostgresClient {
        switch group {
        case .lookups: lookups
        case .work: work
        case .background: background
        }
    }
}
