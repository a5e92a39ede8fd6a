import AuthCore
import AuthFastPath
import AuthMiddleware
import HTTPTypes
import Hummingbird
import NIOCore

/// Forward authentication: a proxy asks before it lets a request through to a service behind it.
struct VerifyRoutes: Sendable {
    let authentication: SessionAuthentication

    func add(to surfaces: Surfaces) {
        surfaces.proxy.any(
            "api/auth/verify", "Tells a proxy, in headers, who sends a request. Query and body are not read.",
            fast: .fields(Self.writeFields), use: verify)
    }

    /// The bearer token alone decides, whatever the method, the rest of the path, the query and the body. A proxy understands 2xx and 401,
    /// so two credentials are 401 here, and not 400 as elsewhere.
    func verify(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let token: String?
        do { token = try request.bearerToken() } catch { throw AuthError.invalidToken }
        guard let token else { throw AuthError.missingToken }
        let authenticated = try await authentication.authenticate(token)
        return Response(
            status: .ok,
            headers: [
                .authUserID: authenticated.user.id.text, .authEmail: authenticated.user.email.percentEncoded,
                .authSessionID: authenticated.session.id.text,
            ])
    }

    /// The same fields for the fast path.
    static func writeFields(_ authenticated: AuthenticatedSession, into answer: inout ByteBuffer) {
        answer.writeStaticString("X-Auth-User-Id: ")
        answer.writeText(of: authenticated.user.id.uuid)
        answer.writeStaticString("\r\nX-Auth-Email: ")
        answer.writeString(authenticated.user.email.percentEncoded)
        answer.writeStaticString("\r\nX-Auth-Session-Id: ")
        answer.writeText(of: authenticated.session.id.uuid)
        answer.writeStaticString("\r\n")
    }
}

extension HTTPField.Name {
    fileprivate static let authUserID = HTTPField.Name("X-Auth-User-Id")!
    fileprivate static let authEmail = HTTPField.Name("X-Auth-Email")!
    fileprivate static let authSessionID = HTTPField.Name("X-Auth-Session-Id")!
}
