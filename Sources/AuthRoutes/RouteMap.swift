public import AuthCore
public import AuthFastPath
public import AuthMiddleware
public import HTTPEdge
public import Hummingbird

/// Every route: for the framework, for the fast path, for the edge, and as a list. Each noun declares its routes in `add(to:)`, beside its
/// handlers.
public struct RouteMap {
    /// A route as a reader sees it.
    public struct Entry: Hashable, Sendable {
        /// `ANY` for all methods.
        public let method: String
        /// With parameters in braces.
        public let path: String
        /// Sentences for its callers.
        public let meaning: String
        public let surface: SurfaceName
        /// What the fast path does with its usual requests; `nil` if it leaves all of them to the framework.
        public let fastPath: FastTwin.Effect?
    }

    public let router: Router<AuthRequestContext>
    public let fastRoutes: FastRoutes
    public let edgePaths: EdgePaths
    public let entries: [Entry]

    /// Each path works with and without its trailing slash, and `HEAD` works wherever `GET` does.
    public init(_ domain: Domain, _ options: HTTPOptions) {
        let surfaces = Surfaces(domain, options)
        HealthRoutes(readiness: domain.readiness).add(to: surfaces)
        RegistrationRoutes(registration: domain.accounts.registration, limits: options.limits).add(to: surfaces)
        VerifyRoutes(authentication: domain.sessions.authentication).add(to: surfaces)
        TokenRoutes(sessions: domain.sessions, limits: options.limits).add(to: surfaces)
        OwnSessionRoutes(sessions: domain.sessions).add(to: surfaces)
        EmailRoutes(emails: domain.emails, authentication: domain.sessions.authentication, limits: options.limits).add(to: surfaces)
        RecoveryRoutes(recovery: domain.recovery, passwordChange: domain.sessions.passwordChange, limits: options.limits)
            .add(to: surfaces)
        ProfileRoutes(profiles: domain.profiles, limits: options.limits).add(to: surfaces)
        DeletionRoutes(deletion: domain.deletion, limits: options.limits).add(to: surfaces)
        ClientRoutes(clients: domain.clients, authentication: domain.sessions.authentication, issuer: options.issuer).add(to: surfaces)
        OwnEventRoutes(history: domain.audit.history).add(to: surfaces)
        PageRoutes(pages: surfaces.accountPages).add(to: surfaces)
        surfaces.router.refuseOtherMethods()

        // A class: the routes above have added themselves to it.
        let list = surfaces.list
        router = surfaces.router
        fastRoutes = FastRoutes(list.fastRoutes, authentication: domain.sessions.authentication)
        edgePaths = EdgePaths(bodyless: list.paths(of: .proxy), health: list.paths(of: .health))
        entries = list.entries
    }
}
