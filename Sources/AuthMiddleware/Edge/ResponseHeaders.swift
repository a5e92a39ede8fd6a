import HTTPTypes
public import Hummingbird

/// What every answer says: nobody may store it, guess its type, or run anything in it.
public struct ResponseHeaders<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers.merge(HTTPFields.ours)
        return response
    }
}

extension HTTPFields {
    static let ours: HTTPFields = [
        .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]

    mutating func merge(_ others: HTTPFields) {
        for field in others { self[field.name] = field.value }
    }

    func merging(_ others: HTTPFields) -> HTTPFields {
        var merged = self
        merged.merge(others)
        return merged
    }
}
