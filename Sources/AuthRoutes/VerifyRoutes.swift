import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird
import NIOCore

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

    /// The same fields for the lane.
    static func writeFields(_ authenticated: AuthenticatedSession, into answer: inout ByteBuffer) {
        answer.writeStaticString("X-Auth-User-Id: ")
        answer.writeText(of: authenticated.user.id.uuid)
        answer.writeStaticString("\r\nX-Auth-Email: ")
        // The type makes any text safe to be a field; most are.
        let email = authenticated.user.email
        answer.writeString(email.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? email : HTTPField(name: .authEmail, value: email).value)
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
