public import Hummingbird
import Logging

/// One line for each request: what was asked, by the route's name, and how it ended. Never a query, a body or a header.
public struct RequestLog<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.info(
            "request", metadata: Self.metadata(request.method.rawValue, context.endpointPath ?? "-", response.status.code, since: start))
        return response
    }

    static func metadata(_ method: String, _ route: String, _ status: Int, since start: ContinuousClock.Instant) -> Logger.Metadata {
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return [
            "method": "\(method)", "route": "\(route)", "status": "\(status)",
            "milliseconds": "\((milliseconds * 1000).rounded() / 1000)",
        ]
    }
}
