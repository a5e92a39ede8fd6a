public import AuthMiddleware
import NIOCore

extension LaneRoutes {
    /// What the lane answers as the route map's own handlers do.
    public static func all(_ services: AuthServices) -> LaneRoutes {
        LaneRoutes(
            reads: [
                LaneRead(path: "/api/auth/verify", fields: VerifyRoutes.writeFields, body: { _, _ in }),
                LaneRead(
                    path: "/api/profile", fields: { _, answer in answer.writeStaticString("Content-Type: application/json\r\n") },
                    body: ProfileBody.write),
            ],
            authentication: services.authentication,
            refresh: LaneRefresh(path: "/api/auth/refresh", service: services.refresh, body: TokensBody.write),
            passwords: ["/api/register", "/api/auth/login"], gate: PasswordGate(hasher: services.hasher))
    }
}
