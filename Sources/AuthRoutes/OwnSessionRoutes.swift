import AuthCore
import AuthMiddleware
import FoundationEssentials
import HTTPTypes
import Hummingbird

struct OwnSessionRoutes: Sendable {
    let signOut: SignOut
    let ownSessions: OwnSessions

    func profile(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        JSONBody.response { ProfileBody.write(context.session, into: &$0) }
    }

    func list(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let query = try SessionsQuery(request.uri.queryParameters)
        let page = try await ownSessions.page(for: context.session, after: query.cursor, size: query.limit)
        return try JSONBody.response(SessionsBody(page, current: context.session.session.id))
    }

    func end(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)) else { throw AuthError.notFound }
        try await ownSessions.end(SessionID(id), by: context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func endOthers(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await ownSessions.endOthers(than: context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func logOut(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await signOut.signOut(context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func logOutEverywhere(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await signOut.signOutEverywhere(context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }
}

extension OwnSessionRoutes {
    struct SessionsBody: Encodable {
        let sessions: [SessionBody]
        let nextCursor: String?

        enum CodingKeys: String, CodingKey {
            case sessions
            case nextCursor = "next_cursor"
        }

        init(_ page: OwnSessions.Page, current: SessionID) {
            sessions = page.sessions.map { SessionBody($0, isCurrent: $0.id == current) }
            nextCursor = page.next?.text
        }

        /// By hand, so that the last page says null and not nothing.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sessions, forKey: .sessions)
            try container.encode(nextCursor, forKey: .nextCursor)
        }
    }
}
