public import AuthCore
public import HTTPEdge
public import Hummingbird
public import Logging

/// Called by the framework and by the fast path when a request ends. It writes the log. Metrics and traces belong here too.
public struct RequestObserver: Sendable {
    private let logger: Logger

    /// - Parameter logger: gets one line for each request, without a query, a body or a header.
    public init(logger: Logger) {
        self.logger = logger
    }

    /// A request is answered.
    ///
    /// - Parameters:
    ///   - route: its path as the route map has it, or `-`.
    ///   - start: when the request came.
    public func ended(
        _ method: String, _ route: String, status: Int, since start: ContinuousClock.Instant, requestID: @autoclosure () -> String
    ) {
        logger.info(
            "request",
            metadata: [
                "method": "\(method)", "route": "\(route)", "status": .stringConvertible(status),
                "milliseconds": .stringConvertible(Self.milliseconds(since: start)), "request_id": "\(requestID())",
            ])
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return (milliseconds * 1000).rounded() / 1000
    }

    /// The answer is an error. Its cause, if there is one, is for the log alone.
    public func failed(_ error: AuthError, requestID: @autoclosure () -> String) {
        guard let cause = error.causeForLog else { return }
        logger.error("\(error.code)", metadata: ["cause": "\(cause)", "request_id": "\(requestID())"])
    }

    /// A message was refused that is not a request.
    public func refused(_ refusal: MessageRefusal, requestID: String) {
        logger.info(
            "no request",
            metadata: [
                "code": "\(refusal.code)", "status": .stringConvertible(refusal.status.code), "request_id": "\(requestID)",
            ])
    }
}

extension RequestObserver: RouterMiddleware {
    public typealias Context = AuthRequestContext

    /// Observes the requests that the framework answers.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        ended(
            request.method.rawValue, context.endpointPath ?? "-", status: response.status.code, since: start, requestID: context.requestID)
        return response
    }
}
