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
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(context.endpointPath ?? "-")", "status": "\(response.status.code)",
                "milliseconds": "\((milliseconds * 1000).rounded() / 1000)",
            ])
        return response
    }
}
