import AuthCore
public import AuthMiddleware
import NIOCore

/// The guarded reads that the lane answers, as the route map's own handlers do.
public enum GuardedReads {
    public static let all = [
        LaneRead(path: "/api/auth/verify", fields: VerifyRoutes.writeFields, body: { _, _ in }),
        LaneRead(
            path: "/api/profile", fields: { _, answer in answer.writeStaticString("Content-Type: application/json\r\n") },
            body: ProfileBody.write),
    ]
}
