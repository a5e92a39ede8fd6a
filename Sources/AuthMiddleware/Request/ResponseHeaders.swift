public import HTTPTypes
public import Hummingbird

/// Adds the fields of every answer: it must not be stored, its type not guessed, and nothing in it may run.
/// An answer may have a Content-Security-Policy of its own.
public struct ResponseHeaders<Context: RequestContext>: RouterMiddleware {
    private let isSecure: Bool

    /// - Parameter isSecure: whether the server itself ends TLS.
    public init(isSecure: Bool) {
        self.isSecure = isSecure
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let policy = response.headers[.contentSecurityPolicy]
        response.headers.merge(.standard)
        // A page has a style, and says so.
        if let policy { response.headers[.contentSecurityPolicy] = policy }
        if isSecure { response.headers.merge(.strictTransport) }
        return response
    }
}

extension HTTPFields {
    /// The fields of every answer.
    public static let standard: HTTPFields = [
        .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]

    /// Allowed only over TLS (RFC 6797 §7.2). For a year browsers use nothing but TLS for this host and its subdomains.
    public static let strictTransport: HTTPFields = [.strictTransportSecurity: "max-age=31536000; includeSubDomains"]

    mutating func merge(_ others: HTTPFields) {
        for field in others { self[field.name] = field.value }
    }

    func merging(_ others: HTTPFields) -> HTTPFields {
        var merged = self
        merged.merge(others)
        return merged
    }
}
