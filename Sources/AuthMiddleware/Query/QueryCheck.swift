import AuthCore
import HTTPEdge
public import Hummingbird

/// Refuses requests with a token in their URL, where proxies and logs would keep it (RFC 6750 §2.3 discourages it), and those with a
/// parameter that their route does not have.
public struct QueryCheck<Context: RequestContext>: RouterMiddleware {
    public typealias RouteParameters = (route: String, names: [StaticString])

    private let known: [RouteParameters]
    private let permitsTokens: Bool

    /// - Parameters:
    ///   - known: the routes that have parameters, from the route map.
    ///   - permitsTokens: whether a known parameter may be a token. Only the pages that links in mails open have such parameters.
    public init(known: [RouteParameters], permitsTokens: Bool = false) {
        self.known = known
        self.permitsTokens = permitsTokens
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if request.uri.query != nil { try check(request.parameters, of: context.endpointPath ?? "") }
        return try await next(request, context)
    }

    private func check(_ parameters: QueryParameters, of route: String) throws(AuthError) {
        guard permitsTokens || !parameters.list.contains(where: \.isToken) else {
            throw .invalidRequest(reason: "A token must not be in the URL.")
        }
        let names = known.first { $0.route.hasSameOctets(as: route) }?.names ?? []
        var errors = FieldErrors()
        for parameter in parameters.list where !names.contains(where: parameter.name.isText) {
            errors.add(.unknownParameter(parameter.name))
        }
        try errors.check()
    }
}

extension QueryParameters.Parameter {
    fileprivate var isToken: Bool {
        name.isWord("access_token") || name.isWord("refresh_token") || name.isWord("token") || value.begins(with: "aat_")
            || value.begins(with: "art_")
    }
}

extension FieldError {
    /// The answer has only the beginning of a long name.
    fileprivate static func unknownParameter(_ name: [UInt8]) -> FieldError {
        let beginning = String(decoding: name.prefix(64), as: UTF8.self)
        return FieldError(field: beginning, code: .unknownField, detail: "There is no such parameter.")
    }
}
