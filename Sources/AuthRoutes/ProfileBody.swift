import AuthCore
import AuthMiddleware
import NIOCore

/// Who is asking, through which session. Written by hand, since the lane writes it some ten thousand times a second; members
/// come in the order of their names, as everywhere.
enum ProfileBody {
    static func write(_ authenticated: AuthenticatedSession, into buffer: inout ByteBuffer) {
        let (user, session) = (authenticated.user, authenticated.session)
        JSONObjectWriter.write(into: &buffer) { object, buffer in
            object.member("created_at", user.createdAt, into: &buffer)
            object.member("email", user.email, into: &buffer)
            object.member("id", user.id.uuid, into: &buffer)
            object.member("session", into: &buffer) { object, buffer in
                object.member("created_at", session.createdAt, into: &buffer)
                object.member("current", true, into: &buffer)
                object.member("expires_at", session.expiresAt, into: &buffer)
                object.member("id", session.id.uuid, into: &buffer)
                object.member("idle_expires_at", session.idleExpiresAt, into: &buffer)
                object.member("ip", session.ip, into: &buffer)
                object.member("last_seen_at", session.lastSeenAt, into: &buffer)
                object.member("name", session.name, into: &buffer)
                object.member("user_agent", session.userAgent, into: &buffer)
            }
        }
    }
}
