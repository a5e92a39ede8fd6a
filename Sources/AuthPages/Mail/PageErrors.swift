import AuthCore
public import AuthMiddleware
import HTTPTypes
public import Hummingbird

/// Turns every error of a page into a page that says what to do next. The status is that of the error.
public struct PageErrors: RouterMiddleware {
    public typealias Context = AuthRequestContext

    private let pages: LinkPages

    init(_ pages: LinkPages) { self.pages = pages }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let error = AuthError(foreign: error)
            pages.observer.failed(error, requestID: context.requestID)
            var headers = error.headerFields
            // Browsers would ask for a user name.
            headers[.wwwAuthenticate] = nil
            let response = pages.message(
                Self.text(for: error), in: request.pageLocale, error.status, headers: headers, requestID: context.requestID)
            // The client would take a body for the next answer (RFC 9110 §9.3.2).
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    /// The beginning of the names of its texts.
    private static func text(for error: AuthError) -> String {
        switch error {
        case .invalidOneTimeToken: "ended"
        case .emailTaken: "taken"
        case .emailFrozen: "frozen"
        case .overloaded, .unavailable, .tooManyAttempts: "busy"
        case .internalError: "failed"
        default: "refused"
        }
    }
}
