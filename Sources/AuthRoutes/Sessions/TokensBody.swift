import AuthCore
import AuthMiddleware
import NIOCore

/// The answer of RFC 6749 §5.1, with the account. The members are in the order of their names, as in every answer.
enum TokensBody {
    static func write(_ tokens: IssuedTokens, into buffer: inout ByteBuffer) {
        JSONObjectWriter.write(into: &buffer) { object, buffer in
            object.member("access_token", tokens.pair.access.reveal(), into: &buffer)
            object.member("expires_in", tokens.accessExpiresIn, into: &buffer)
            object.member("refresh_expires_in", tokens.refreshExpiresIn, into: &buffer)
            object.member("refresh_token", tokens.pair.refresh.reveal(), into: &buffer)
            object.member("session_id", tokens.sessionID.uuid, into: &buffer)
            object.member("token_type", "Bearer", into: &buffer)
            object.member("user", into: &buffer) { object, buffer in
                object.member("created_at", tokens.user.createdAt, into: &buffer)
                object.member("email", tokens.user.email, into: &buffer)
                object.member("id", tokens.user.id.uuid, into: &buffer)
            }
        }
    }
}
