import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct RegistrationRoutes: Sendable {
    let registration: Registration
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.password.post("api/register", "Creates an account: `email`, `password`, `password2`.", use: register)
        surfaces.password.post(
            "api/register/confirm", "Creates the account of a mailed link: `token`, `password`, `password2`.", use: confirm)
        surfaces.password.post(
            "api/invitations/accept", "Creates the account of an invitation: `token`, `password`, `password2`.", use: accept)
    }

    func register(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let email = form.required("email")
        let (password, confirmation) =
            registration.isByMail
            ? (form.optional("password") ?? "", form.optional("password2") ?? "") : (form.required("password"), form.required("password2"))
        try form.finish()
        let user = try await registration.register(
            email: email, password: password, confirmation: confirmation, locale: request.locale, origin: context.origin(of: request))
        guard let user else { return Response(status: .accepted) }
        return try JSONBody.response(UserBody(user), status: .created)
    }

    func confirm(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await finish(request, context, as: .confirmRegistration)
    }

    func accept(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await finish(request, context, as: .acceptInvitation)
    }

    private func finish(_ request: Request, _ context: AuthRequestContext, as purpose: OneTimeTokenPurpose) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (token, password, confirmation) = (form.required("token"), form.required("password"), form.required("password2"))
        try form.finish()
        let user = try await registration.finish(
            token: token, as: purpose, password: password, confirmation: confirmation, locale: request.locale,
            origin: context.origin(of: request))
        return try JSONBody.response(UserBody(user), status: .created)
    }
}
