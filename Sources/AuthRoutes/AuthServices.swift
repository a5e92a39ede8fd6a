public import AuthCore

/// What the routes are over.
public struct AuthServices: Sendable {
    let registration: Registration
    let signIn: SignIn
    public let authentication: SessionAuthentication
    let refresh: SessionRefresh
    let signOut: SignOut
    let ownSessions: OwnSessions
    let clients: Clients
    let revocation: TokenRevocation
    let hasher: any PasswordHasher
    let readiness: any Readiness

    public init(
        registration: Registration, signIn: SignIn, authentication: SessionAuthentication, refresh: SessionRefresh,
        signOut: SignOut, ownSessions: OwnSessions, clients: Clients, revocation: TokenRevocation, hasher: any PasswordHasher,
        readiness: any Readiness
    ) {
        self.registration = registration
        self.signIn = signIn
        self.authentication = authentication
        self.refresh = refresh
        self.signOut = signOut
        self.ownSessions = ownSessions
        self.clients = clients
        self.revocation = revocation
        self.hasher = hasher
        self.readiness = readiness
    }
}
