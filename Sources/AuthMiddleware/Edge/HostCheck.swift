import AuthCore
import HTTPTypes
public import Hummingbird

/// Refuses requests without `Host` or with two (RFC 9112 §3.2): a proxy in front may have read another one.
public struct HostCheck<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        // The first one became the authority; a second one is still a field.
        guard request.head.authority != nil, request.headers[.host] == nil else {
            throw AuthError.malformedHTTP(reason: "There must be one Host header.")
        }
        return try await next(request, context)
    }
}

extension HTTPField.Name {
    static let host = Self("Host")!
}
