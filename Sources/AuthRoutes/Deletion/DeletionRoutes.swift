import AuthCore
import AuthMiddleware
import HTTPEdge
import Hummingbird

struct DeletionRoutes: Sendable {
    let deletion: Deletion
    let limits: HTTPLimits

    func add(to surfaces: Surfaces) {
        surfaces.session.delete(
            "api/profile", "Ends all sessions, and deletes the account after a grace. Needs a recent login.", use: delete)
        surfaces.open.post("api/profile/restore", "Keeps an account that was to be deleted: `token`.", use: restore)
    }

    private struct Body: Encodable {
        let deletedAfter: String

        enum CodingKeys: String, CodingKey { case deletedAfter = "deleted_after" }
    }

    func delete(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let end = try await deletion.schedule(context.session, origin: context.origin(of: request))
        return try JSONBody.response(Body(deletedAfter: end.description), status: .accepted)
    }

    func restore(_ request: Request, _ context: AuthRequestContext) async throws -> Response {
        try await deletion.restore(token: try await request.oneTimeToken(limits: limits), origin: context.origin(of: request))
        return Response(status: .noContent)
    }
}
