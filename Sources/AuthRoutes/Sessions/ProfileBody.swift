import AuthCore
import AuthMiddleware
import NIOCore

/// The account that asks, and its session. Written by hand, since the fast path writes some ten thousand of them a second. The members are
/// in the order of their names, as in every answer.
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
