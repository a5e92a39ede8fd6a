import AuthCore
import AuthMiddleware
import Hummingbird

struct TokenRoutes: Sendable {
    let signIn: SignIn
    let refresh: SessionRefresh
    let limits: HTTPLimits

    func logIn(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (email, password, name) = (form.required("email"), form.required("password"), form.optional("name"))
        try form.finish()
        let tokens = try await signIn.signIn(email: email, password: password, deviceName: name, origin: context.origin(of: request))
        return JSONBody.response { TokensBody.write(tokens, into: &$0) }
    }

    func renew(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let token = try await refreshToken(of: request)
        let tokens = try await refresh.refresh(token, origin: context.origin(of: request))
        return JSONBody.response { TokensBody.write(tokens, into: &$0) }
    }

    /// From the body or as bearer, never both (RFC 6750 §2).
    private func refreshToken(of request: Request) async throws -> String {
        let bearer = try request.bearerToken()
        guard request.hasBody else {
            guard let bearer else { throw AuthError.missingToken }
            return bearer
        }
        var form = try await request.jsonForm(limits: limits)
        let field = bearer == nil ? form.required("refresh_token") : form.optional("refresh_token")
        try form.finish()
        guard let bearer else { return field ?? "" }
        guard field == nil else { throw AuthError.invalidRequest(reason: "A refresh token in the body and another as bearer.") }
        return bearer
    }
}
