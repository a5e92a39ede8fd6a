import AuthCore
import AuthFastPath
import AuthMiddleware
import AuthRoutes
import AuthTestSupport
import HTTPEdge
import Hummingbird
import Logging
import NIOCore
import ServerTestSupport
import ServiceLifecycle

/// The HTTP server with its edge and fast path on a port of its own, over the domain in memory.
struct EdgeServer: Sendable {
    let world: World
    let http: Loopback
    private let group: ServiceGroup

    /// - Parameters:
    ///   - domain: replaces the world's own.
    ///   - secure: sees each new connection.
    static func with<Value: Sendable>(
        limits: HTTPLimits = HTTPLimits(), proxies: TrustedProxies = .none, origins: AllowedOrigins = .none,
        places: ConnectionPlaces? = nil, domain: ((World) -> Domain)? = nil,
        secure: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        _ body: @escaping @Sendable (EdgeServer) async throws -> Value
    ) async throws -> Value {
        let world = World()
        let (ports, port) = AsyncStream<Int>.makeStream()
        var options = API.options(proxies: proxies, origins: origins)
        options.limits = limits
        let logger = options.logger
        let routes = RouteMap(domain?(world) ?? world.domain, options)
        let application = Application(
            router: routes.router,
            server: FastPath(routes.fastRoutes, options).server(paths: routes.edgePaths, places: places, secure: secure),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress!.port!) }, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let server = EdgeServer(
                world: world, http: Loopback(port: await ports.first { _ in true }!, timeout: .seconds(30)), group: group)
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try outcome.get()
        }
    }

    /// As SIGTERM does.
    func stop() async { await group.triggerGracefulShutdown() }

    /// An account with a live session.
    func token() async throws -> String {
        try await world.register()
        return try await world.logIn(deviceName: "lap\"top\\ é").pair.access.reveal()
    }

    /// All that comes for the bytes, without what differs from one answer to the next.
    func answers(_ request: String, pause: Duration = .zero, halfCloses: Bool = false) async throws -> String {
        try await answers([request], pause: pause, halfCloses: halfCloses)
    }

    /// Asks once for each place at which the octets can be cut in two.
    func answersOfEachCut(_ request: String, _ check: @escaping @Sendable (_ cut: Int, _ answers: String) -> Void) async throws {
        let octets = Array(request.utf8)
        for start in stride(from: 1, to: octets.count, by: 16) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cut in start..<min(start + 16, octets.count) {
                    group.addTask {
                        let parts = [octets[..<cut], octets[cut...]].map { String(decoding: $0, as: UTF8.self) }
                        check(cut, try await answers(parts, pause: .milliseconds(3)))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// - Parameter awaiting: what must have come before each further part is sent; none but the pause if empty.
    func answers(
        _ parts: [String], pause: Duration = .zero, awaiting: String = "", halfCloses: Bool = false
    ) async throws -> String {
        let octets = try await http.raw(
            parts.map { Array($0.utf8) }, pause: pause, awaiting: Array(awaiting.utf8), halfCloses: halfCloses)
        return String(decoding: octets, as: UTF8.self)
            .replacing(#/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/#, with: "Date: now")
            .replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#, with: "random")
            .replacing(#/Retry-After: [123]/#, with: "Retry-After: soon")
    }
}

/// Requests as text.
enum RawRequest {
    /// Ends the connection, so that whoever reads knows when all has come.
    static let last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    static func get(_ target: String, _ fields: String...) -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}

extension String {
    var statuses: [Int] { matches(of: #/HTTP/1\.1 (\d{3}) /#).compactMap { Int($0.1) } }
}
