public import AuthMiddleware
public import Hummingbird

/// Every route. Each path works with and without its trailing slash, and `HEAD` wherever `GET` does.
public func buildRouter(_ services: AuthServices, limits: HTTPLimits) -> Router<AuthRequestContext> {
    let router = Router(context: AuthRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestID())
    router.add(middleware: ResponseHeaders())
    router.add(middleware: RequestLog())
    router.add(middleware: ErrorMapping())
    router.add(middleware: HostCheck())
    router.add(middleware: Deadline(requestTime: limits.requestTime))
    router.add(middleware: TokenInURLRefusal())

    let registration = RegistrationRoutes(registration: services.registration, limits: limits)
    let tokens = TokenRoutes(signIn: services.signIn, refresh: services.refresh, limits: limits)
    let health = HealthRoutes(readiness: services.readiness)
    router.get("livez", use: health.live)
    router.get("readyz", use: health.ready)
    router.post("api/register", use: registration.register)
    router.post("api/auth/login", use: tokens.logIn)
    router.post("api/auth/refresh", use: tokens.renew)

    let own = OwnSessionRoutes(signOut: services.signOut)
    let guarded = router.group().add(middleware: BearerGuard(authentication: services.authentication))
        .group(context: AuthenticatedRequestContext.self)
    guarded.get("api/profile", use: own.profile)
    guarded.post("api/logout", use: own.logOut)
    guarded.post("api/logoutall", use: own.logOutEverywhere)

    router.refuseOtherMethods()
    return router
}
