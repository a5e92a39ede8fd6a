import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct RegistrationRoutes: Sendable {
    let registration: Registration
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.password.post("api/register", "Creates an account: `email`, `password`, `password2`.", use: register)
    }

    func register(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        var form = try await request.jsonForm(limits: limits)
        let (email, password, confirmation) = (form.required("email"), form.required("password"), form.required("password2"))
        try form.finish()
        let user = try await registration.register(
            email: email, password: password, confirmation: confirmation, origin: context.origin(of: request))
        return try JSONBody.response(UserBody(user), status: .created)
    }
}
