import AuthTestSupport
import ServerTestSupport
import Testing

/// An app behind a proxy that asks the built server, and somebody who is signed in.
struct Guarded: Sendable {
    let server: ServerProcess
    let wiretap: Wiretap
    let app: EchoApp
    let proxy: ProxyProcess
    let person: Person
    let tokens: Person.Tokens

    /// Runs the body with all of them. Between proxy and server there is a wiretap.
    static func with<Value>(_ kind: ProxyProcess.Kind, _ body: (Guarded) async throws -> Value) async throws -> Value {
        try await ServerProcess.with { server, _ in try await with(kind, server, body) }
    }

    static func with<Value>(
        _ kind: ProxyProcess.Kind, _ server: ServerProcess, _ body: (Guarded) async throws -> Value
    ) async throws -> Value {
        let (wiretap, app) = (Wiretap(port: server.port), EchoApp())
        let proxy = try await ProxyProcess.start(kind, api: wiretap.port, app: app.port)
        defer {
            proxy.stop()
            app.close()
            wiretap.close()
        }
        let (person, tokens) = try await Person.signedIn(on: server)
        let guarded = Guarded(server: server, wiretap: wiretap, app: app, proxy: proxy, person: person, tokens: tokens)
        return try await body(guarded)
    }

    var http: Loopback { Loopback(port: proxy.port) }

    /// Sends a request with the access token, unless others are given.
    func send(
        _ method: String = "GET", _ path: String = "/", authorization: [String]? = nil, headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Loopback.Reply {
        let credentials = authorization ?? ["Bearer \(tokens.access)"]
        return try await http.send(method, path, headers: credentials.map { ("Authorization", $0) } + headers, body: body)
    }

    /// What came to the app meanwhile.
    func requests<Value>(during work: () async throws -> Value) async throws -> (Value, [EchoApp.Request]) {
        let before = app.requests.count
        let value = try await work()
        return (value, Array(app.requests[before...]))
    }

    /// The request is refused as doubtful, soon, and the app never hears of it.
    func expectDoubt(_ name: String) async throws {
        let (reply, reached) = try await requests { try await send() }
        #expect(reply.status == 503, "\(name)")
        #expect(reply["Retry-After"] != nil, "\(name)")
        #expect(reply.elapsed < .seconds(6), "\(name)")
        ProxyTests.expectProblem(reply, "unavailable")
        #expect(reached.isEmpty, "\(name)")
    }
}
