import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

/// Questions of services about tokens.
struct ClientRoutes: Sendable {
    let clients: ServiceClients
    let authentication: SessionAuthentication
    /// The URL by which clients know this server; `nil` if it is not configured.
    let issuer: String?

    func add(to surfaces: Surfaces) {
        surfaces.client.post("api/auth/introspect", "Says whose access token `token` is (RFC 7662).", use: introspect)
        surfaces.client.post("api/auth/revoke", "Ends the session of `token` (RFC 7009).", use: revoke)
    }

    /// RFC 7662. Only an access token can be active: a service that took a refresh token for one would admit its bearer for weeks.
    func introspect(_ request: Request, _ context: ClientRequestContext) async throws -> Response {
        let token = try await request.tokenForm()
        guard let authenticated = try await active(token) else { return try JSONBody.response(InactiveBody()) }
        return try JSONBody.response(IntrospectionBody(authenticated, issuer: issuer))
    }

    private func active(_ token: String) async throws(AuthError) -> AuthenticatedSession? {
        do {
            return try await authentication.authenticate(token)
        } catch .invalidToken {
            return nil
        }
    }

    /// RFC 7009: 200 for every token, since an unknown token is as dead as a revoked one.
    func revoke(_ request: Request, _ context: ClientRequestContext) async throws -> Response {
        let token = try await request.tokenForm()
        try await clients.revocation.revoke(token, by: context.client, origin: context.origin(of: request))
        return Response(status: .ok)
    }
}

extension ClientRoutes {
    private struct InactiveBody: Encodable {
        let active = false
    }

    /// RFC 7662 §2.2; `sid` and `auth_time` as OpenID Connect has them, `amr` as RFC 8176.
    struct IntrospectionBody: Encodable {
        let active = true
        let tokenType = "Bearer"
        let sub: String
        let username: String
        let sid: String
        let issuedAt: Int64?
        let expiresAt: Int64
        let authTime: Int64
        let amr: [String]
        let iss: String?
        /// A token may do whatever its owner may do, so there is one scope.
        let scope = "session"

        enum CodingKeys: String, CodingKey {
            case active, sub, username, sid, amr, iss, scope
            case tokenType = "token_type"
            case issuedAt = "iat"
            case expiresAt = "exp"
            case authTime = "auth_time"
        }

        init(_ authenticated: AuthenticatedSession, issuer: String?) {
            iss = issuer
            sub = authenticated.user.id.text
            username = authenticated.user.email
            sid = authenticated.session.id.text
            issuedAt = authenticated.accessToken.issuedAt?.numericDate
            expiresAt = authenticated.accessToken.expiresAt.numericDate
            authTime = authenticated.session.createdAt.numericDate
            amr = authenticated.methods.map(\.rawValue)
        }
    }
}
