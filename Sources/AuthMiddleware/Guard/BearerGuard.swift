public import AuthCore
public import Hummingbird

/// Lets requests pass whose access token the database accepts at this moment.
public struct BearerGuard: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let authentication: SessionAuthentication

    public init(authentication: SessionAuthentication) {
        self.authentication = authentication
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let token = try request.bearerToken() else { throw AuthError.missingToken }
        var context = context
        context.session = try await authentication.authenticate(token)
        return try await next(request, context)
    }
}
