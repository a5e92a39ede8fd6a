import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

/// What services ask about tokens.
struct ClientRoutes: Sendable {
    let authentication: SessionAuthentication
    let revocation: TokenRevocation

    /// RFC 7662. Only an access token can be active: whoever took a refresh token for one would let its bearer in for weeks.
    func introspect(_ request: Request, _ context: ClientRequestContext) async throws -> Response {
        let token = try await request.tokenForm()
        guard let authenticated = try await active(token) else { return try JSONBody.response(InactiveBody()) }
        return try JSONBody.response(IntrospectionBody(authenticated))
    }

    private func active(_ token: String) async throws(AuthError) -> AuthenticatedSession? {
        do {
            return try await authentication.authenticate(token)
        } catch .invalidToken {
            return nil
        }
    }

    /// RFC 7009: 200 for every token, since those that nobody knows are as dead as those that were revoked.
    func revoke(_ request: Request, _ context: ClientRequestContext) async throws -> Response {
        let token = try await request.tokenForm()
        try await revocation.revoke(token, by: context.client, origin: context.origin(of: request))
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
        let amr = ["pwd"]

        enum CodingKeys: String, CodingKey {
            case active, sub, username, sid, amr
            case tokenType = "token_type"
            case issuedAt = "iat"
            case expiresAt = "exp"
            case authTime = "auth_time"
        }

        init(_ authenticated: AuthenticatedSession) {
            sub = authenticated.user.id.text
            username = authenticated.user.email
            sid = authenticated.session.id.text
            issuedAt = authenticated.accessToken.issuedAt?.numericDate
            expiresAt = authenticated.accessToken.expiresAt.numericDate
            authTime = authenticated.session.createdAt.numericDate
        }
    }
}
