import AuthCore
import AuthFastPath
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct TokenRoutes: Sendable {
    let sessions: Sessions
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.password.post(
            "api/auth/login", "Opens a session: `email`, `password`, optionally `name`. An access token may come along.", use: logIn)
        surfaces.open.post(
            "api/auth/refresh", "Replaces both tokens: `refresh_token` in JSON or a form, or as the bearer token.",
            fast: FastRefresh(sessions.refresh, body: TokensBody.write), use: renew)
    }

    func logIn(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (email, password, name) = (form.required("email"), form.required("password"), form.optional("name"))
        try form.finish()
        let tokens = try await sessions.signIn.signIn(
            email: email, password: password, deviceName: name, device: await session(of: request), origin: context.origin(of: request))
        return JSONBody.response { TokensBody.write(tokens, into: &$0) }
    }

    /// The session whose access token the client has sent; `nil` if there is no token or a bad one, which is ignored here.
    private func session(of request: Request) async -> AuthenticatedSession? {
        guard let token = try? request.bearerToken() else { return nil }
        return try? await sessions.authentication.authenticate(token)
    }

    func renew(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let token = try await refreshToken(of: request)
        let tokens = try await sessions.refresh.refresh(token, origin: context.origin(of: request))
        return JSONBody.response { TokensBody.write(tokens, into: &$0) }
    }

    /// From the body, which is JSON or the form of RFC 6749 §6, or as bearer, never both (RFC 6750 §2).
    private func refreshToken(of request: Request) async throws -> String {
        let bearer = try request.bearerToken()
        guard request.hasBody else {
            guard let bearer else { throw AuthError.missingToken }
            return bearer
        }
        if request.hasForm { return try await refreshToken(in: request.form(), bearer) }
        var form = try await request.jsonForm(limits: limits)
        let field = bearer == nil ? form.required("refresh_token") : form.optional("refresh_token")
        try form.finish()
        guard let bearer else { return field ?? "" }
        guard field == nil else { throw Self.twoTokens }
        return bearer
    }

    private func refreshToken(in form: FormBody, _ bearer: String?) throws(AuthError) -> String {
        guard let grantType = try form.value(of: "grant_type") else { throw .invalidForm(reason: "There is no grant_type.") }
        guard grantType.utf8.elementsEqual("refresh_token".utf8) else { throw .unsupportedGrantType }
        let field = try form.value(of: "refresh_token")
        guard field == nil || bearer == nil else { throw Self.twoTokens }
        guard let token = field ?? bearer else { throw .invalidForm(reason: "There is no refresh_token.") }
        return token
    }

    private static let twoTokens = AuthError.invalidRequest(
        reason: "There is a token in the body and another as bearer. Send the refresh token alone, in one place.")
}
