import AuthCore
import AuthFastPath
import AuthMiddleware
import FoundationEssentials
import HTTPTypes
import Hummingbird

struct OwnSessionRoutes: Sendable {
    let sessions: Sessions

    func add(to surfaces: Surfaces) {
        surfaces.session.get(
            "api/profile", "Answers with the user and this session.", fast: .json(ProfileBody.write), use: profile)
        surfaces.session.post("api/logout", "Ends this session.", use: logOut)
        surfaces.session.post("api/logoutall", "Ends every session of the account.", use: logOutEverywhere)
        surfaces.session.get(
            "api/sessions", "Lists the sessions of the account, in pages: optionally `limit`, `cursor`.", use: list)
        surfaces.session.delete("api/sessions/:id", "Ends one session of the account.", use: end)
        surfaces.session.post("api/sessions/revoke-others", "Ends every other session of the account.", use: endOthers)
    }

    /// The parameters of ``list(_:_:)``.
    static let listParameters = (route: "/api/sessions", names: PageParameters.names)
    private static let defaultLimit = 50

    func profile(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        JSONBody.response { ProfileBody.write(context.session, into: &$0) }
    }

    func list(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        let query = try PageQuery(request.parameters, sizes: OwnSessions.pageSizes, defaultLimit: Self.defaultLimit) { octets in
            SessionCursor(octets)
        }
        let page = try await sessions.own.page(for: context.session, after: query.cursor, size: query.limit)
        return try JSONBody.response(SessionsBody(page, current: context.session.session.id))
    }

    func end(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        // Foundation stops reading at a NUL.
        guard let segment = context.parameters.get("id").flatMap(PercentEncoding.text(ofSegment:)), segment.utf8.count == UUID.textLength,
            let id = UUID(uuidString: segment)
        else { throw AuthError.notFound }
        try await sessions.own.end(SessionID(id), by: context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func endOthers(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await sessions.own.endOthers(than: context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func logOut(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await sessions.signOut.signOut(context.session, origin: context.origin(of: request))
        return Response(status: .noContent)
    }

    func logOutEverywhere(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try await sessions.signOut.signOutEverywhere(context.session, origin: context.origin(of: request))
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
