/// Sessions, from a login to their end.
public struct Sessions: Sendable {
    public let signIn: SignIn
    public let authentication: SessionAuthentication
    public let refresh: SessionRefresh
    public let signOut: SignOut
    public let passwordChange: PasswordChange
    public let own: OwnSessions
    public let cutoff: SessionCutoff
    let recent: RecentAuthentication

    init(
        _ stores: SessionStores, _ kit: Kit, _ accounts: Accounts, _ passwords: Passwords, _ attempts: AttemptLimits, _ mails: Mails,
        _ policy: SessionPolicy
    ) {
        let issuer = SessionIssuer(
            sessions: stores.sessions, mint: kit.mint, identifiers: kit.identifiers, notices: mails.notices, policy: policy)
        signIn = SignIn(
            accounts: accounts.store, passwords: passwords, attempts: attempts, issuer: issuer, rules: kit.rules,
            verificationGrace: accounts.registration.policy.verificationGrace)
        passwordChange = PasswordChange(
            accounts: accounts.store, sessions: stores.passwordChanges, passwords: passwords, attempts: attempts, notices: mails.notices,
            kit: kit, policy: policy)
        recent = RecentAuthentication(sessions: stores.recency, limit: policy.recentAuthentication)
        authentication = SessionAuthentication(sessions: stores.sessions, activity: stores.activity, mint: kit.mint)
        refresh = SessionRefresh(
            refreshes: stores.refreshes, sessions: stores.sessions, mint: kit.mint, identifiers: kit.identifiers, policy: policy,
            notices: mails.notices, limits: attempts)
        signOut = SignOut(sessions: stores.sessions, identifiers: kit.identifiers)
        own = OwnSessions(store: stores.own, identifiers: kit.identifiers)
        cutoff = SessionCutoff(store: stores.cutoff, identifiers: kit.identifiers)
    }
}

/// Where sessions are kept. One store may be several of these.
public struct SessionStores: Sendable {
    public var sessions: any SessionStore
    public var refreshes: any RefreshStore
    public var own: any OwnSessionStore
    public var passwordChanges: any PasswordChangeStore
    public var recency: any RecentAuthenticationStore
    public var cutoff: any SessionCutoffStore
    public var activity: any SessionActivity

    public init(
        _ store: some SessionStore & RefreshStore & OwnSessionStore & PasswordChangeStore & RecentAuthenticationStore,
        cutoff: any SessionCutoffStore, activity: any SessionActivity
    ) {
        sessions = store
        refreshes = store
        own = store
        passwordChanges = store
        recency = store
        self.cutoff = cutoff
        self.activity = activity
    }
}
