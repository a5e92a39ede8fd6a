/// SQL for "this session is alive". A further condition of a live session is added here, and nowhere else.
enum SessionCondition {
    /// Whether a session has not ended, by its own row and by the session cutoff. For statements that have read the account
    /// already. Both functions take the names that the statement gives its tables.
    ///
    /// - Parameter id: whether the statement knows the ids of the sessions. Then this does not match the index of an account's sessions, which
    ///   PostgreSQL would otherwise read from end to end for as long as it thinks that the table is small.
    static func hasNotEnded(_ sessions: String, byID id: Bool = false) -> String {
        """
        \(id ? "(\(sessions).ended_at IS NULL) IS TRUE" : "\(sessions).ended_at IS NULL") AND \(sessions).idle_expires_at > now()
        AND \(sessions).expires_at > now() AND \(sessions).created_at >= (SELECT began_at FROM session_cutoff WHERE is_only)
        """
    }

    /// Whether a session is alive: it has not ended, and its account has neither ended all its sessions nor been disabled since.
    static func isAlive(_ sessions: String, of users: String, byID id: Bool = false) -> String {
        """
        \(hasNotEnded(sessions, byID: id)) AND \(users).session_epoch = \(sessions).session_epoch AND \(users).disabled_at IS NULL
        """
    }
}
