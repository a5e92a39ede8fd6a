import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

/// Forward authentication: a proxy asks before it lets a request through to a service behind it.
struct VerifyRoutes: Sendable {
    let authentication: SessionAuthentication

    /// Whatever the method, the path below, the query and the body, the bearer token alone decides. A proxy understands 2xx and
    /// 401; so two credentials, 400 elsewhere, are no valid one here.
    func verify(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let token: String?
        do { token = try request.bearerToken() } catch { throw AuthError.invalidToken }
        guard let token else { throw AuthError.missingToken }
        let authenticated = try await authentication.authenticate(token)
        return Response(
            status: .ok,
            headers: [
                .authUserID: authenticated.user.id.text, .authEmail: authenticated.user.email,
                .authSessionID: authenticated.session.id.text,
            ])
    }
}

extension HTTPField.Name {
    fileprivate static let authUserID = HTTPField.Name("X-Auth-User-Id")!
    fileprivate static let authEmail = HTTPField.Name("X-Auth-Email")!
    fileprivate static let authSessionID = HTTPField.Name("X-Auth-Session-Id")!
}
