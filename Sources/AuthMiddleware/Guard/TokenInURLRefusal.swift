import AuthCore
public import Hummingbird

/// Refuses requests that carry a token in their URL.
public struct TokenInURLRefusal<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !request.hasTokenInURL else { throw AuthError.invalidRequest(reason: "A token must not be in the URL.") }
        return try await next(request, context)
    }
}
