public import AuthCore
public import Hummingbird

/// Lets requests pass whose client credential the database accepts at this moment.
public struct ClientGuard: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let clients: ServiceClients

    public init(clients: ServiceClients) {
        self.clients = clients
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let credentials = BasicCredentials(request) else { throw AuthError.invalidClient }
        var context = context
        context.client = try await clients.authenticate(id: credentials.id, secret: credentials.secret, origin: context.origin(of: request))
        return try await next(request, context)
    }
}
