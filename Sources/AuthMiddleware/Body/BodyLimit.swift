import AuthCore
public import Hummingbird
import NIOCore

/// Reads the whole body before a route is asked, and refuses one that is too large whatever that route would do with it.
public struct BodyLimit<Context: RequestContext>: RouterMiddleware {
    private let bytes: Int

    public init(bytes: Int) {
        self.bytes = bytes
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.hasBody else { return try await next(request, context) }
        var request = request
        try await collect(&request)
        return try await next(request, context)
    }

    private func collect(_ request: inout Request) async throws {
        if let length = request.contentLength, length > bytes { throw AuthError.bodyTooLarge(limit: bytes) }
        do {
            _ = try await request.collectBody(upTo: bytes)
        } catch is NIOTooManyBytesError {
            throw AuthError.bodyTooLarge(limit: bytes)
        }
    }
}
