import AuthCore
public import Hummingbird
import NIOCore

/// Reads the whole body before the route runs. Refuses a body that is compressed or too large, even if the route would not use it.
public struct BodyLimit<Context: RequestContext>: RouterMiddleware {
    private let bytes: Int

    public init(bytes: Int) {
        self.bytes = bytes
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.hasBody else { return try await next(request, context) }
        guard request.isUncoded else { throw AuthError.unsupportedContentEncoding }
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
