import AuthCore
import AuthMiddleware
import Hummingbird

struct HealthRoutes: Sendable {
    let readiness: any Readiness

    private struct StatusBody: Encodable {
        var status = "ok"
    }

    /// The process lives.
    func live(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try JSONBody.response(StatusBody())
    }

    /// The database answers and has the schema of this release.
    func ready(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await readiness.check()
        return try JSONBody.response(StatusBody())
    }
}
