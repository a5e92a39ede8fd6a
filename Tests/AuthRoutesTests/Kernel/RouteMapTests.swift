import AuthFastPath
import AuthRoutes
import AuthTestSupport
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Testing

/// Walks all routes there are, so that a new one cannot be forgotten.
@Suite struct RouteMapTests {
    private static let open = [
        "GET /livez", "GET /readyz", "POST /api/register", "POST /api/register/confirm", "POST /api/invitations/accept",
        "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/email/verify", "POST /api/email/undo", "POST /api/password/forgot",
        "POST /api/password/reset", "POST /api/account/secure", "POST /api/profile/restore",
    ]
    private static let guarded = [
        "GET /api/profile", "POST /api/logout", "POST /api/logoutall", "GET /api/sessions", "DELETE /api/sessions/{id}",
        "POST /api/sessions/revoke-others", "POST /api/email/verify/send", "POST /api/email/change", "POST /api/password/change",
        "PATCH /api/profile", "GET /api/account", "GET /api/profile/export", "DELETE /api/profile", "GET /api/events",
    ]
    private static let clients = ["POST /api/auth/introspect", "POST /api/auth/revoke"]
    private static let pages = ["verify", "confirm", "undo", "reset", "secure", "register", "invitation", "restore"].flatMap { action in
        ["GET /account/\(action)", "POST /account/\(action)"]
    }
    /// What programs ask, besides `verify`, which every method has.
    private static let api = open + guarded + clients
    private static let all = api + pages

    private static let someMethods: [HTTPRequest.Method] = [
        .get, .post, .put, .patch, .delete, .options, .trace, .init("PROPFIND")!, .init("QUERY")!,
    ]

    /// Without those that only say 405, which a path has for every method that is none of its own.
    private static var served: [String] {
        get async throws {
            try await API.with { api async throws in
                var served: [String] = []
                for route in Set(API.routes().router.routes.map { "\($0.method.rawValue) \($0.path)" }).sorted() {
                    let (method, path) = split(route)
                    if !path.hasPrefix("/api/auth/verify"), try await api.ask(method, path).status != 405 { served.append(route) }
                }
                return served
            }
        }
    }

    private static func split(_ route: String) -> (HTTPRequest.Method, String) {
        let parts = route.split(separator: " ")
        return (HTTPRequest.Method(String(parts[0]))!, String(parts[1]))
    }

    @Test func `the routes are these and no others`() async throws {
        let served = try await Self.served
        #expect(served == Self.all.sorted())
    }

    @Test func `the list has every route, who may come, and what the fast path does`() {
        let entries = API.routes().entries
        func routes(_ surfaces: SurfaceName...) -> [String] {
            entries.filter { surfaces.contains($0.surface) }.map { "\($0.method) \($0.path)" }
        }
        #expect(routes(.health, .password, .open) == Self.open)
        #expect(routes(.session) == Self.guarded)
        #expect(routes(.client) == Self.clients)
        #expect(routes(.page) == Self.pages)
        #expect(routes(.proxy) == ["ANY /api/auth/verify"])
        func paths(_ effect: FastTwin.Effect) -> [String] { entries.filter { $0.fastPath == effect }.map(\.path) }
        #expect(paths(.answers) == ["/api/auth/verify", "/api/auth/refresh", "/api/profile"])
        #expect(
            paths(.refuses) == [
                "/api/register", "/api/register/confirm", "/api/invitations/accept", "/api/auth/login", "/api/password/reset",
            ])
    }

    @Test func `docs/openapi.yaml describes the same routes`() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let document = try String(contentsOfFile: root + "/docs/openapi.yaml", encoding: .utf8)
        var (path, described): (Substring, [String]) = ("", [])
        let paths = document.split(separator: "\n").drop { $0 != "paths:" }.dropFirst().prefix { $0.hasPrefix(" ") || $0.hasPrefix("#") }
        for line in paths {
            if line.hasPrefix("  /") { path = line.dropFirst(2).prefix { $0 != ":" } }
            for method in ["get", "head", "post", "put", "patch", "delete", "options"] where line == "    \(method):" {
                let bare = path.hasSuffix("/") ? path.dropLast() : path
                described.append("\(method.uppercased()) \(bare)")
            }
        }
        #expect(described.filter { !$0.contains("/auth/verify") }.sorted() == Self.api.sorted())
    }

    @Test func `AU1: every guarded route asks for a token, with and without the trailing slash`() async throws {
        try await API.with { api async throws in
            for route in Self.guarded {
                let (method, path) = Self.split(route)
                for path in [path, path + "/"] {
                    let answer = try await api.ask(method, path)
                    #expect(answer.status == 401, "\(route)")
                    #expect(answer.code == "missing_token")
                    #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                }
            }
        }
    }

    @Test func `every route answers the same with and without its trailing slash`() async throws {
        try await API.with { api async throws in
            for route in Self.all {
                let (method, path) = Self.split(route)
                let (with, without) = (try await api.ask(method, path + "/"), try await api.ask(method, path))
                #expect(with.status == without.status && with.status != 404, "\(route)")
                #expect(with.code == without.code)
            }
        }
    }

    @Test func `HT3: every other method is 405 with Allow, without a token too`() async throws {
        try await API.with { api async throws in
            for (path, routes) in Dictionary(grouping: Self.all.map(Self.split), by: \.1) {
                let methods = routes.map(\.0)
                let allowed = Set(methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])).sorted().joined(separator: ", ")
                for other in Self.someMethods where !methods.contains(other) {
                    let answer = try await api.ask(other, path + "/")
                    #expect(answer.status == 405, "\(other) \(path)")
                    #expect(answer.code == "method_not_allowed")
                    #expect(answer.headers[.allow] == allowed)
                }
            }
        }
    }

    @Test func `HEAD answers as GET does`() async throws {
        try await API.with { api async throws in
            #expect(try await api.ask(.head, "/livez").status == 200)
            #expect(try await api.ask(.head, "/api/profile/").status == 401)
        }
    }

    @Test(arguments: [
        "/", "/api", "/api/", "/api/nothing", "/API/PROFILE", "/api/profile/x", "/api/profile/../livez", "/livez%00", "/api//profile//x",
    ])
    func `elsewhere is 404`(_ path: String) async throws {
        try await API.with { api async throws in
            for method: HTTPRequest.Method in [.get, .post, .delete] {
                let answer = try await api.ask(method, path)
                #expect(answer.status == 404)
                #expect(answer.code == "not_found")
            }
        }
    }
}
