import AuthCore
import AuthMiddleware
import NIOCore

/// An account with its profile in an answer. The members are in the order of their names, as in every answer.
enum OwnerBody {
    static func write(_ profile: Profile, into buffer: inout ByteBuffer) {
        JSONObjectWriter.write(into: &buffer) { object, buffer in
            object.member("created_at", profile.user.createdAt, into: &buffer)
            object.member("display_name", profile.displayName, into: &buffer)
            object.member("email", profile.user.email, into: &buffer)
            object.member("email_verified", profile.isEmailVerified, into: &buffer)
            object.member("id", profile.user.id.uuid, into: &buffer)
            object.member("locale", profile.locale?.rawValue, into: &buffer)
            object.member("metadata", json: profile.metadata, into: &buffer)
        }
    }
}
