import ArgumentParser
import AuthCore

/// Services that may ask about tokens.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Services that may introspect and revoke tokens.",
        subcommands: [Add.self, List.self, Rotate.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a client and print its secret. It is printed only now.")

        @Argument(help: "1 to 64 letters, digits, dots, hyphens or underscores.") var id: String

        func run() async throws {
            let id = try clientID(id)
            let secret = try await withClients { clients, origin in try await clients.add(id, origin: origin) }
            guard let secret else { throw Refusal("\(id.text) is, or was, a client: choose another id") }
            print("client_id=\(id.text)\nclient_secret=\(secret.reveal())")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all clients.")

        func run() async throws {
            let clients = try await withClients { clients, _ in try await clients.all() }
            if clients.isEmpty { AuthCommand.note("There is no client yet: `auth-api client add ID` adds one.") }
            for client in clients {
                let state =
                    client.revokedAt.map { "revoked \($0)" }
                    ?? (client.previousSecretDigest == nil ? "live" : "live, its former secret still works")
                print("\(client.id.text)\tcreated \(client.createdAt)\t\(state)")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a client a new secret and print it. It is printed only now. The old one keeps working for a while.")

        @Argument(help: "The id of the client.") var id: String
        @Option(help: "How long the old secret keeps working: 0s to 30d.") var overlap = "24h"

        private static let longestOverlap: Duration = .seconds(30 * 86_400)

        func run() async throws {
            let id = try clientID(id)
            guard let overlap = Duration(settingText: overlap), overlap <= Self.longestOverlap else {
                throw Refusal("--overlap \(self.overlap) is not a duration from 0s to 30d, such as 15m, 24h or 7d")
            }
            let secret = try await withClients { clients, origin in try await clients.rotate(id, overlap: overlap, origin: origin) }
            guard let secret else { throw Refusal("\(id.text) is not a live client: see `auth-api client list`") }
            print("client_id=\(id.text)\nclient_secret=\(secret.reveal())")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a client from now on, on every instance.")

        @Argument(help: "The id of the client.") var id: String

        func run() async throws {
            let id = try clientID(id)
            let isRevoked = try await withClients { clients, origin in try await clients.revoke(id, origin: origin) }
            guard isRevoked else { throw Refusal("\(id.text) is not a live client: see `auth-api client list`") }
            print("revoked \(id.text)")
        }
    }
}

private func clientID(_ text: String) throws -> ServiceClientID {
    guard let id = ServiceClientID(text) else {
        throw Refusal("\(LogEntry.escaped(text)) is not an id of a client: 1 to 64 letters, digits, dots, hyphens or underscores")
    }
    return id
}

private func withClients<Value: Sendable>(_ body: (ServiceClients, RequestOrigin) async throws -> Value) async throws -> Value {
    try await ServerConfiguration.operating(as: "auth-api client") { domain, origin in
        try await body(domain.clients, origin)
    }
}
