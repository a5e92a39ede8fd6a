import ArgumentParser
import AuthCore
import AuthCrypto
import AuthPostgres

/// Services that may ask about tokens.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Services that may introspect and revoke tokens.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a client and print its secret, this once.")

        @Argument(help: "1 to 64 letters, digits, dots, hyphens or underscores.") var id: String

        func run() async throws {
            let id = try clientID(id)
            let secret = try await withClients { clients, origin in try await clients.add(id, origin: origin) }
            guard let secret else { throw ValidationError("\(id.text) is, or was, a client: choose another id") }
            print("client_id=\(id.text)\nclient_secret=\(secret.reveal())")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all clients.")

        func run() async throws {
            for client in try await withClients({ clients, _ in try await clients.all() }) {
                let state = client.revokedAt.map { "revoked \($0)" } ?? "live"
                print("\(client.id.text)\tcreated \(client.createdAt)\t\(state)")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a client from now on, on every instance.")

        @Argument var id: String

        func run() async throws {
            let id = try clientID(id)
            let isRevoked = try await withClients { clients, origin in try await clients.revoke(id, origin: origin) }
            guard isRevoked else { throw ValidationError("\(id.text) is no live client") }
            print("revoked \(id.text)")
        }
    }
}

private func clientID(_ text: String) throws -> ClientID {
    guard let id = ClientID(text) else { throw ValidationError("a client's id is 1 to 64 letters, digits, dots, hyphens or underscores") }
    return id
}

private func withClients<Value: Sendable>(_ body: (Clients, RequestOrigin) async throws -> Value) async throws -> Value {
    try await ServerConfiguration.operating(as: "auth-api client") { configuration, database, origin in
        let identifiers = IdentifierGenerator(clock: SystemWallClock())
        let limits = AttemptLimits(
            store: PostgresAttemptStore(database: database), identifiers: identifiers, policy: configuration.attempts)
        let tally = PostgresFailureTally(database: database, identifiers: identifiers)
        let clients = Clients(
            store: PostgresClientStore(database: database, tally: tally), mint: TokenMint(cryptography: SwiftCryptoTokenCryptography()),
            identifiers: identifiers, limits: limits)
        return try await body(clients, origin)
    }
}
