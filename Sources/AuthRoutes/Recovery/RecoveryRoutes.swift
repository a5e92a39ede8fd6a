import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct RecoveryRoutes: Sendable {
    let recovery: Recovery
    let passwordChange: PasswordChange
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.open.post(
            "api/password/forgot", "Sends a link that resets the password: `email`. The answer is the same for every address.", use: forget)
        surfaces.password.post(
            "api/password/reset", "Sets a new password: `token`, `password`, `password2`. It ends all sessions, and opens none.", use: reset
        )
        surfaces.session.post(
            "api/password/change",
            "Changes the password: `current_password`, `password`, `password2`. It ends all other sessions and answers with new tokens.",
            use: change)
        surfaces.open.post(
            "api/account/secure", "\u{201C}This wasn\u{2019}t me\u{201D}: `token`. It ends all sessions, and the password must be reset.",
            use: secure)
    }

    func forget(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let email = form.required("email")
        try form.finish()
        try await recovery.forget(email: email, locale: request.locale, origin: context.origin(of: request))
        return Response(status: .accepted)
    }

    func reset(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (token, password, confirmation) = (form.required("token"), form.required("password"), form.required("password2"))
        try form.finish()
        try await recovery.reset(token: token, password: password, confirmation: confirmation, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func change(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let current = form.required("current_password")
        let (password, confirmation) = (form.required("password"), form.required("password2"))
        try form.finish()
        let tokens = try await passwordChange.change(
            current: current, new: password, confirmation: confirmation, of: context.session, origin: context.origin(of: request))
        return JSONBody.response { TokensBody.write(tokens, into: &$0) }
    }

    func secure(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await recovery.secure(token: try await request.oneTimeToken(limits: limits), origin: context.origin(of: request))
        return Response(status: .noContent)
    }
}
