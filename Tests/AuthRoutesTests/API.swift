import AuthCore
import AuthMiddleware
import AuthRoutes
import AuthTestSupport
import FoundationEssentials
import HTTPEdge
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

/// The routes over the domain in memory, asked without a socket.
struct API {
    let world: World
    private let client: any TestClientProtocol

    static func options(proxies: TrustedProxies = .none, origins: AllowedOrigins = .none) -> HTTPOptions {
        var options = HTTPOptions(
            addresses: ClientAddress(proxies: proxies), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        options.origins = origins
        return options
    }

    static func routes(_ world: World = World(), _ options: HTTPOptions = API.options()) -> RouteMap { RouteMap(world.domain, options) }

    static func with<Value: Sendable>(
        _ world: World = World(), domain: Domain? = nil, origins: AllowedOrigins = .none, requestHeaders: AllowedHeaders = .none,
        issuer: String? = nil, service: String = "Example", _ body: @Sendable (API) async throws -> Value
    ) async throws -> Value {
        var options = options(origins: origins)
        (options.allowedHeaders, options.issuer, options.service) = (requestHeaders, issuer, service)
        options.publicURL = "https://auth.example.org"
        return try await Application(router: RouteMap(domain ?? world.domain, options).router).test(.router) {
            try await body(API(world: world, client: $0))
        }
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let text: String

        /// The JSON object that it is, by member.
        var members: [String: JSON] { (try? JSONDecoder().decode([String: JSON].self, from: Data(text.utf8))) ?? [:] }
        var code: String? { members["code"]?.text }
    }

    func ask(_ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String? = nil) async throws -> Answer {
        var headers = headers
        // As the server does, which tells a request with a body from one without.
        if let body { headers[.contentLength] = String(body.utf8.count) }
        let body = body.map { ByteBuffer(string: $0) }
        return try await client.execute(uri: path, method: method, headers: headers, body: body) { response in
            Answer(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
    }

    func post(_ path: String, _ json: String, bearer: String? = nil) async throws -> Answer {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        return try await ask(.post, path, headers: headers, body: json)
    }

    func ask(_ method: HTTPRequest.Method, _ path: String, bearer: String) async throws -> Answer {
        try await ask(method, path, headers: [.authorization: "Bearer \(bearer)"])
    }
}

/// A JSON value of an answer.
enum JSON: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Int)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var members: [String: JSON]? { if case .object(let members) = self { members } else { nil } }
}
