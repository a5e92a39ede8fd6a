import HTTPTypes
public import Hummingbird

/// Lets the scripts of allowed origins read our answers, and nobody else's: without an allowed origin no answer says a word of it.
///
/// Credentials in the browser's sense are not allowed, since a token comes in `Authorization` and never in a cookie.
public struct CrossOrigin<Context: RequestContext>: RouterMiddleware {
    private let origins: AllowedOrigins

    public init(origins: AllowedOrigins) {
        self.origins = origins
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request, context) }
        let origin = request.headers[.origin].flatMap { origins.contains($0) ? $0 : nil }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response = isPreflight && origin != nil ? Response(status: .noContent) : try await next(request, context)
        // Caches must not give one origin's answer to another.
        response.headers[.vary] = "Origin"
        if let origin { response.headers.merge(isPreflight ? Self.preflight(origin) : Self.answer(origin)) }
        return response
    }

    private static func answer(_ origin: String) -> HTTPFields {
        [.accessControlAllowOrigin: origin, .accessControlExposeHeaders: "Retry-After, WWW-Authenticate, X-Request-Id"]
    }

    private static func preflight(_ origin: String) -> HTTPFields {
        [
            .accessControlAllowOrigin: origin, .accessControlAllowMethods: "GET, HEAD, POST, DELETE",
            .accessControlAllowHeaders: "Authorization, Content-Type, X-Request-Id", .accessControlMaxAge: "600",
        ]
    }
}
