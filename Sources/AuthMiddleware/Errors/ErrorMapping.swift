import AuthCore
import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns every error into a problem document. What is not ours is a failure of ours: 503, its cause in the log alone.
public struct ErrorMapping: RouterMiddleware {
    public typealias Context = AuthRequestContext

    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let error = AuthError(foreign: error)
            if case .unavailable(let cause) = error { context.logger.error("unavailable", metadata: ["cause": "\(cause)"]) }
            let problem = Problem(error, requestID: context.requestID)
            let response = Response(
                status: problem.httpStatus, headers: problem.headers, body: .init(byteBuffer: ByteBuffer(bytes: problem.encoded)))
            // A body here would be taken for the next answer (RFC 9110 §9.3.2).
            return request.method == .head ? response.createHeadResponse() : response
        }
    }
}

extension AuthError {
    init(foreign error: any Error) {
        switch error {
        case let error as AuthError: self = error
        case let error as HTTPError where error.status == .notFound: self = .notFound
        case is HTTPParserError: self = .malformedHTTP(reason: MessageRefusal.malformed.detail)
        default: self = .unavailable(cause: "\(error)")
        }
    }
}
