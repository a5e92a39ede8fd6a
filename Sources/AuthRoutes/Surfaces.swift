import AuthCore
import AuthFastPath
import AuthMiddleware
import AuthPages
import HTTPEdge
import Hummingbird

/// Who may come to a route.
public enum SurfaceName: String, Sendable {
    /// Everyone, for health alone: also over a connection for which there is no place.
    case health
    /// A proxy that asks about the request of one of its clients (forward authentication). Its own body and query are not read.
    case proxy
    /// Everyone.
    case open
    /// Everyone, while there is room to hash a password.
    case password
    /// Everyone who has a live session.
    case session
    /// A service with a credential of its own.
    case client
    /// Everyone with a browser. Errors are pages too, and the query may have the token of a mailed link.
    case page

    /// What a request must bring; `nil` for nothing.
    public var credential: String? {
        switch self {
        case .health, .open, .password, .page: nil
        case .proxy, .session: "access token"
        case .client: "id and secret"
        }
    }
}

/// The groups of routes, one for each kind of caller, with the middleware that all routes of a group share.
struct Surfaces {
    let router: Router<AuthRequestContext>
    let list = RouteList()
    let health: Surface<AuthRequestContext, Never>
    let proxy: Surface<AuthRequestContext, FastRead>
    let open: Surface<AuthRequestContext, FastRefresh>
    let password: Surface<AuthRequestContext, Never>
    let session: Surface<AuthenticatedRequestContext, FastRead>
    let client: Surface<ClientRequestContext, Never>
    /// The fast path leaves all of them to the framework.
    let page: Surface<AuthRequestContext, Never>
    let accountPages: AccountPages

    init(_ domain: Domain, _ options: HTTPOptions) {
        router = Router(context: AuthRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestSource(addresses: options.addresses))
        router.add(middleware: ResponseHeaders(isSecure: options.isSecure))
        router.add(middleware: options.observer)
        router.add(middleware: CrossOrigin(origins: options.origins, requestHeaders: options.allowedHeaders))
        router.add(middleware: ErrorMapping(observer: options.observer))
        router.add(middleware: Deadline(requestTime: options.limits.requestTime))

        let checked = router.group().add(middleware: BodyLimit(bytes: options.limits.bodyBytes))
            .add(middleware: QueryCheck(known: [OwnSessionRoutes.listParameters, OwnEventRoutes.listParameters]))
        let gate = PasswordGate(passwords: domain.passwords)
        let gated = checked.group().add(middleware: gate)
        let guarded = checked.group().add(middleware: BearerGuard(authentication: domain.sessions.authentication))
            .group(context: AuthenticatedRequestContext.self)
        let credentialed = checked.group().add(middleware: ClientGuard(clients: domain.clients))
            .group(context: ClientRequestContext.self)

        accountPages = AccountPages(domain, options, gate: gate)
        let paged = router.group().add(middleware: accountPages.errors).add(middleware: BodyLimit(bytes: options.limits.bodyBytes))
            .add(middleware: QueryCheck(known: accountPages.pages.map { ($0.path, LinkPage.parameters) }, permitsTokens: true))
            .add(middleware: SameOriginCheck(publicURL: options.publicURL))

        health = Surface(name: .health, group: checked, list: list)
        proxy = Surface(name: .proxy, group: router.group(), list: list)
        open = Surface(name: .open, group: checked, list: list)
        // Its routes declare no fast twin; all of them have this one, so that the fast path asks the same gate.
        password = Surface(name: .password, group: gated, list: list, twin: .password(gate))
        session = Surface(name: .session, group: guarded, list: list)
        client = Surface(name: .client, group: credentialed, list: list)
        page = Surface(name: .page, group: paged, list: list)
    }
}
