public import AuthCore
import HTTPEdge
import HTTPTypes
public import Hummingbird
import NIOCore
import NIOHTTP1

/// Turns every error into a problem document. An error of another module becomes 503, and its cause goes to the log alone.
public struct ErrorMapping: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let observer: RequestObserver

    public init(observer: RequestObserver) {
        self.observer = observer
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let error = AuthError(foreign: error)
            observer.failed(error, requestID: context.requestID)
            let isToken = context.endpointPath?.hasSameOctets(as: ProblemEndpoint.tokenPath) ?? false
            let problem = Problem(error, at: isToken ? .token(isForm: request.hasForm) : .resource, requestID: context.requestID)
            let response = Response(
                status: problem.httpStatus, headers: problem.headers, body: .init(byteBuffer: ByteBuffer(bytes: problem.encoded)))
            // The client would take a body for the next answer (RFC 9110 §9.3.2).
            return request.method == .head ? response.createHeadResponse() : response
        }
    }
}

extension AuthError {
    /// The error that a client gets: this one, or what an error of another module means for it.
    public init(foreign error: any Error) {
        switch error {
        case let error as AuthError: self = error
        case let error as HTTPError where error.status == .notFound: self = .notFound
        case is HTTPParserError: self = .malformedHTTP(reason: MessageRefusal.malformed.detail)
        default: self = .unavailable(cause: "\(error)")
        }
    }
}
