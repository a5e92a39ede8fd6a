import HTTPTypes
public import Hummingbird

/// Lets the scripts of allowed origins, and of no others, read answers. Without an allowed origin no answer has a field for it.
///
/// Credentials in the browser's sense are not allowed, since a token comes in `Authorization` and never in a cookie.
public struct CrossOrigin<Context: RequestContext>: RouterMiddleware {
    private let origins: AllowedOrigins
    private let requestHeaders: AllowedHeaders

    public init(origins: AllowedOrigins, requestHeaders: AllowedHeaders = .none) {
        self.origins = origins
        self.requestHeaders = requestHeaders
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request, context) }
        let origin = request.headers[.origin].flatMap(origins.find)
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response = isPreflight && origin != nil ? Response(status: .noContent) : try await next(request, context)
        response.headers.merge(isPreflight ? preflight(origin) : origins.answer(to: origin))
        return response
    }

    private func preflight(_ origin: String?) -> HTTPFields {
        guard let origin else { return AllowedOrigins.varies }
        return [
            .vary: "Origin", .accessControlAllowOrigin: origin, .accessControlAllowMethods: "GET, HEAD, POST, PATCH, DELETE",
            .accessControlAllowHeaders: requestHeaders.list, .accessControlMaxAge: "600",
        ]
    }
}

extension AllowedOrigins {
    /// Caches must not give an answer for one origin to another origin.
    fileprivate static let varies: HTTPFields = [.vary: "Origin"]

    /// The fields that let scripts of the origin read an answer; none if the origin is not allowed.
    func answer(to origin: String?) -> HTTPFields {
        guard !isEmpty else { return [:] }
        guard let origin = origin.flatMap(find) else { return Self.varies }
        return Self.varies.merging([
            .accessControlAllowOrigin: origin, .accessControlExposeHeaders: "Date, Retry-After, WWW-Authenticate, X-Request-Id",
        ])
    }
}
