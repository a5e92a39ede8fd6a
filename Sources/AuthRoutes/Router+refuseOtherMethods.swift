import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

extension Router<AuthRequestContext> {
    /// Answers 405 with `Allow` (RFC 9110 §15.5.6) for every method that a known path does not have.
    func refuseOtherMethods() {
        for (path, routes) in Dictionary(grouping: routes, by: \.path.description) {
            var allowed = routes.map(\.method)
            if allowed.contains(.get) { allowed.append(.head) }
            let names = allowed.map(\.rawValue).sorted()
            for method in HTTPRequest.Method.all where !allowed.contains(method) {
                on(RouterPath(path), method: method) { _, _ -> Response in throw AuthError.methodNotAllowed(allowed: names) }
            }
        }
    }
}

extension HTTPRequest.Method {
    /// All methods that the HTTP parser accepts.
    static let all = [
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY",
        "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "QUERY",
        "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    ].compactMap { HTTPRequest.Method($0) }
}
