import AuthCore
import HTTPTypes
public import Hummingbird

/// Refuses a form that a page of another site sends. The token in the form is the proof; this check only makes sure that nobody can have
/// a person press the button of a form that they do not see as ours.
///
/// `Origin` may be `null`: pages with `Referrer-Policy: no-referrer`, as ours, send that with their own forms (the Fetch standard, "append
/// a request `Origin` header"). What else sends `null` is a frame in a sandbox, and browsers say `cross-site` in its `Sec-Fetch-Site`.
public struct SameOriginCheck<Context: RequestContext>: RouterMiddleware {
    private let publicOrigin: WebOrigin?

    /// - Parameter publicURL: where people reach the server. `Host` may differ from it, since proxies may change that.
    public init(publicURL: String) {
        publicOrigin = WebOrigin(publicURL.utf8)
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head || isOwn(request) else {
            throw AuthError.invalidRequest(reason: "A page of another site sent this form.")
        }
        return try await next(request, context)
    }

    private func isOwn(_ request: Request) -> Bool {
        let sites = request.headers[values: .secFetchSite]
        return sites.allSatisfy { $0.hasSameOctets(as: "same-origin") || $0.hasSameOctets(as: "none") }
            && request.headers[values: .origin].allSatisfy { $0.hasSameOctets(as: "null") || isOwn($0, host: request.head.authority) }
    }

    private func isOwn(_ text: String, host: String?) -> Bool {
        guard let origin = WebOrigin(text.utf8) else { return false }
        let own = [publicOrigin, host.flatMap { WebOrigin("\(origin.scheme.rawValue)://\($0)".utf8) }]
        return own.contains { $0?.text.hasSameOctets(as: origin.text) ?? false }
    }
}

extension HTTPField.Name {
    static let secFetchSite = Self("Sec-Fetch-Site")!
}
