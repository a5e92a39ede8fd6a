import AuthCore
import AuthMiddleware
import Hummingbird

struct HealthRoutes: Sendable {
    let readiness: any Readiness

    func add(to surfaces: Surfaces) {
        surfaces.health.get("livez", "Says that the process lives.", use: live)
        surfaces.health.get(
            "readyz", "Says whether the database has the schema of this release and answers the look-up of a session.", use: ready)
    }

    private struct StatusBody: Encodable {
        var status = "ok"
    }

    /// The process lives.
    func live(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try JSONBody.response(StatusBody())
    }

    /// The database has the schema of this release and answers the look-up of a session.
    func ready(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await readiness.check()
        return try JSONBody.response(StatusBody())
    }
}
