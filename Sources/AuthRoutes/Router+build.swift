public import AuthMiddleware
import HTTPTypes
public import Hummingbird

/// Every route. Each path works with and without its trailing slash, and `HEAD` wherever `GET` does.
///
/// - Parameter isSecure: whether clients come over TLS of ours.
public func buildRouter(
    _ services: AuthServices, limits: HTTPLimits, addresses: ClientAddress, origins: AllowedOrigins = .none, isSecure: Bool = false
) -> Router<AuthRequestContext> {
    let router = Router(context: AuthRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestSource(addresses: addresses))
    router.add(middleware: ResponseHeaders(isSecure: isSecure))
    router.add(middleware: RequestLog())
    router.add(middleware: CrossOrigin(origins: origins))
    router.add(middleware: ErrorMapping())
    router.add(middleware: HostCheck())
    router.add(middleware: Deadline(requestTime: limits.requestTime))

    let verify = VerifyRoutes(authentication: services.authentication)
    let asked = HTTPRequest.Method.all.filter { ![.trace, .connect].contains($0) }
    for path: RouterPath in ["api/auth/verify", "api/auth/verify/**"] {
        for method in asked { router.on(path, method: method, use: verify.verify) }
    }

    let ours = router.group().add(middleware: BodyLimit(bytes: limits.bodyBytes)).add(middleware: TokenInURLRefusal())
    let registration = RegistrationRoutes(registration: services.registration, limits: limits)
    let tokens = TokenRoutes(signIn: services.signIn, refresh: services.refresh, limits: limits)
    let health = HealthRoutes(readiness: services.readiness)
    ours.get("livez", use: health.live)
    ours.get("readyz", use: health.ready)
    ours.post("api/auth/refresh", use: tokens.renew)

    let passwords = ours.group().add(middleware: PasswordGate(hasher: services.hasher))
    passwords.post("api/register", use: registration.register)
    passwords.post("api/auth/login", use: tokens.logIn)

    let own = OwnSessionRoutes(signOut: services.signOut, ownSessions: services.ownSessions)
    let guarded = ours.group().add(middleware: BearerGuard(authentication: services.authentication))
        .group(context: AuthenticatedRequestContext.self)
    guarded.get("api/profile", use: own.profile)
    guarded.post("api/logout", use: own.logOut)
    guarded.post("api/logoutall", use: own.logOutEverywhere)
    guarded.get("api/sessions", use: own.list)
    guarded.delete("api/sessions/:id", use: own.end)
    guarded.post("api/sessions/revoke-others", use: own.endOthers)

    let client = ClientRoutes(authentication: services.authentication, revocation: services.revocation)
    let clients = ours.group().add(middleware: ClientGuard(clients: services.clients))
        .group(context: ClientRequestContext.self)
    clients.post("api/auth/introspect", use: client.introspect)
    clients.post("api/auth/revoke", use: client.revoke)

    router.refuseOtherMethods()
    return router
}
