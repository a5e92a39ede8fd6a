import AuthCore
import AuthMiddleware
import HTTPTypes
import Hummingbird

struct OwnSessionRoutes: Sendable {
    let signOut: SignOut

    func profile(_ request: Request, _ context: AuthenticatedRequestContext) async throws -> Response {
        try JSONBody.response(ProfileBody(context.session))
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
    struct ProfileBody: Encodable {
        let id: String
        let email: String
        let createdAt: String
        let session: SessionBody

        enum CodingKeys: String, CodingKey {
            case id, email, session
            case createdAt = "created_at"
        }

        init(_ authenticated: AuthenticatedSession) {
            let user = UserBody(authenticated.user)
            id = user.id
            email = user.email
            createdAt = user.createdAt
            session = SessionBody(authenticated.session, isCurrent: true)
        }
    }

    struct SessionBody: Encodable {
        let session: Session
        let isCurrent: Bool

        enum CodingKeys: String, CodingKey {
            case id, name, ip, current
            case createdAt = "created_at"
            case lastSeenAt = "last_seen_at"
            case expiresAt = "expires_at"
            case idleExpiresAt = "idle_expires_at"
            case userAgent = "user_agent"
        }

        init(_ session: Session, isCurrent: Bool) {
            self.session = session
            self.isCurrent = isCurrent
        }

        /// By hand, so that an absent value is null and not an absent member.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(session.id.text, forKey: .id)
            try container.encode(session.name, forKey: .name)
            try container.encode(session.createdAt.description, forKey: .createdAt)
            try container.encode(session.lastSeenAt.description, forKey: .lastSeenAt)
            try container.encode(session.expiresAt.description, forKey: .expiresAt)
            try container.encode(session.idleExpiresAt.description, forKey: .idleExpiresAt)
            try container.encode(session.ip, forKey: .ip)
            try container.encode(session.userAgent, forKey: .userAgent)
            try container.encode(isCurrent, forKey: .current)
        }
    }
}
