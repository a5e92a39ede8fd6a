import HTTPTypes
public import Hummingbird

/// What every answer says: nobody may store it, guess its type, or run anything in it.
public struct ResponseHeaders<Context: RequestContext>: RouterMiddleware {
    private let isSecure: Bool

    /// - Parameter isSecure: whether clients come over TLS of ours.
    public init(isSecure: Bool) {
        self.isSecure = isSecure
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers.merge(.ours)
        if isSecure { response.headers.merge(.strictTransport) }
        return response
    }
}

extension HTTPFields {
    static let ours: HTTPFields = [
        .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]

    /// Only over TLS may it be said (RFC 6797 §7.2): for a year no browser asks this host, or one below it, without.
    static let strictTransport: HTTPFields = [.strictTransportSecurity: "max-age=31536000; includeSubDomains"]

    mutating func merge(_ others: HTTPFields) {
        for field in others { self[field.name] = field.value }
    }

    func merging(_ others: HTTPFields) -> HTTPFields {
        var merged = self
        merged.merge(others)
        return merged
    }
}
