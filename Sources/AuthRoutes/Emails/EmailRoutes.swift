import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct EmailRoutes: Sendable {
    let emails: Emails
    let authentication: SessionAuthentication
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.session.post(
            "api/email/verify/send", "Sends the mail that verifies the address of the account: a link and a code.", use: send)
        surfaces.open.post(
            "api/email/verify", "Verifies or changes an address: the `token` of the link, or with an access token the `code` of the mail.",
            use: verify)
        surfaces.session.post(
            "api/email/change", "Sends a mail to a new address, which confirms the change: `email`. Needs a recent login.", use: change)
        surfaces.open.post(
            "api/email/undo", "Gives an account its former address back: `token`. It ends all sessions, and the password must be reset.",
            use: undo)
    }

    func send(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await emails.verification.send(to: context.session.user, origin: context.origin(of: request))
        return Response(status: .accepted)
    }

    func verify(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (token, code) = (form.optional("token"), form.optional("code"))
        try form.finish()
        switch (token, code) {
        case (let token?, nil): try await emails.confirm(token: token, origin: context.origin(of: request))
        case (nil, let code?): try await emails.confirm(code: code, of: try await user(of: request), origin: context.origin(of: request))
        default: throw AuthError.validationFailed([.tokenOrCode])
        }
        return Response(status: .noContent)
    }

    private func user(of request: Request) async throws -> UserID {
        guard let token = try request.bearerToken() else { throw AuthError.missingToken }
        return try await authentication.authenticate(token).user.id
    }

    func change(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let email = form.required("email")
        try form.finish()
        try await emails.change.request(email: email, of: context.session, origin: context.origin(of: request))
        return Response(status: .accepted)
    }

    func undo(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        let token = try await request.oneTimeToken(limits: limits)
        try await emails.change.undo(token: token, origin: context.origin(of: request))
        return Response(status: .noContent)
    }
}

extension FieldError {
    fileprivate static let tokenOrCode = FieldError(field: "token", code: .required, detail: "Give the token or the code, not both.")
}

extension Request {
    /// The `token` of a body that has nothing else.
    func oneTimeToken(limits: HTTPLimits) async throws -> String {
        var form = try await jsonForm(limits: limits)
        let token = form.required("token")
        try form.finish()
        return token
    }
}
