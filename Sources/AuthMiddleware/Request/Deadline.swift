import AuthCore
public import Hummingbird

/// Sets the moment by which each request must be answered.
public struct Deadline<Context: RequestContext>: RouterMiddleware {
    private let requestTime: Duration

    public init(requestTime: Duration) {
        self.requestTime = requestTime
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await RequestDeadline.$current.withValue(.now + requestTime) { try await next(request, context) }
    }
}
