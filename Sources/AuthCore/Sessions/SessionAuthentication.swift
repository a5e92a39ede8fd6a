/// Finds the account and the session of an access token: one look-up in the database for each request, no cache, no write.
public struct SessionAuthentication: Sendable {
    private let sessions: any SessionStore
    private let activity: any SessionActivity
    private let mint: TokenMint

    init(sessions: any SessionStore, activity: any SessionActivity, mint: TokenMint) {
        self.sessions = sessions
        self.activity = activity
        self.mint = mint
    }

    /// - Parameter text: the token string as it came. A malformed one never reaches the database.
    /// - Throws: ``AuthError/invalidToken``, ``AuthError/unavailable(cause:)``.
    public func authenticate(_ text: String) async throws(AuthError) -> AuthenticatedSession {
        guard let token = AccessToken(text) else { throw .invalidToken }
        return try judge(token, by: try await sessions.findLive(token.sessionID)).get()
    }

    /// ``authenticate(_:)`` for many requests together, without a task for each.
    ///
    /// - Parameters:
    ///   - deadline: when the requests stop waiting.
    ///   - recipient: called once, on any thread, with an entry for each token in their order; it must not take long.
    public func authenticate(
        _ tokens: [AccessToken], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable ([Result<AuthenticatedSession, AuthError>]) -> Void
    ) {
        sessions.findLive(tokens.map { $0.sessionID }, deadline: deadline) { found in
            switch found {
            case .success(let found): recipient(zip(tokens, found).map { judge($0, by: $1) })
            case .failure(let error): recipient(tokens.map { _ in .failure(error) })
            }
        }
    }

    /// Divides tokens into groups. The caller authenticates each group separately.
    ///
    /// - Returns: for each group, the positions of its tokens; `nil` if all tokens are one group.
    public func groups(of tokens: () -> [AccessToken]) -> [[Int]]? {
        sessions.groups { tokens().map { token in token.sessionID } }
    }

    private func judge(_ token: AccessToken, by found: LiveSession?) -> Result<AuthenticatedSession, AuthError> {
        do throws(AuthError) {
            guard let found, let times = try times(of: token, in: found) else { return .failure(.invalidToken) }
            note(token, in: found)
            return .success(AuthenticatedSession(user: found.user, session: found.session, accessToken: times))
        } catch {
            return .failure(error)
        }
    }

    /// `nil` unless the token is the current one, or the one before it in its grace.
    private func times(of token: AccessToken, in found: LiveSession) throws(AuthError) -> AccessTokenTimes? {
        let isCurrent = token.generation == found.generation
        let isPrevious = token.generation.next == found.generation
        let live = isCurrent ? found.current : isPrevious ? found.previous : nil
        guard let live, try mint.digest(of: token.secret).equalsInConstantTime(live.digest) else { return nil }
        return AccessTokenTimes(issuedAt: isCurrent ? found.rotatedAt : nil, expiresAt: live.expiresAt)
    }

    private func note(_ token: AccessToken, in found: LiveSession) {
        let isFirstUse = found.unrecorded.contains(.successorUse) && token.generation == found.generation
        guard isFirstUse || found.unrecorded.contains(.sighting) else { return }
        activity.saw(Sighting(sessionID: token.sessionID, firstUse: isFirstUse ? token.generation : nil))
    }
}
