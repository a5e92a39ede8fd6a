import AuthCore

enum SessionSettings {
    static let accessTokenLifetime = Setting(
        "ACCESS_TOKEN_TTL", .duration(from: "1s", to: "3650d"), default: "1h", "The life of an access token.")
    static let idleLifetime = Setting(
        "SESSION_IDLE_TTL", .duration(from: "1s", to: "3650d"), default: "14d", "A session ends after this time without a refresh.")
    static let absoluteLifetime = Setting(
        "SESSION_ABSOLUTE_TTL", .duration(from: "1s", to: "3650d"), default: "30d", "A session ends this long after its login.")
    static let refreshGrace = Setting(
        "REFRESH_GRACE", .duration(from: "0s", to: "10m"), default: "10s",
        "How long the old tokens still work after a refresh, for requests in flight.")
    static let refreshRetryWindow = Setting(
        "REFRESH_RETRY_WINDOW", .duration(from: "0s", to: "24h"), default: "10m",
        "How long a refresh whose answer was lost may be repeated, while its tokens are unused.")
    static let sessionsPerUser = Setting(
        "SESSIONS_PER_USER", .integer(1...1000), default: "50",
        "Live sessions of one account. A login beyond this number ends the session that was idle longest.")

    static let recentAuthentication = Setting(
        "RECENT_AUTHENTICATION", .duration(from: "10s", to: "24h"), default: "10m",
        "How long after a login a session may change the address, export the data or delete the account.")

    static func policy(_ read: inout SettingReader) -> SessionPolicy {
        read.section = "Sessions"
        var policy = SessionPolicy(
            accessTokenLifetime: read(accessTokenLifetime), idleLifetime: read(idleLifetime), absoluteLifetime: read(absoluteLifetime),
            refreshGrace: read(refreshGrace), refreshRetryWindow: read(refreshRetryWindow), sessionsPerUser: read(sessionsPerUser))
        policy.recentAuthentication = read(recentAuthentication)
        requireConsistency(of: policy, &read)
        requireSafety(of: policy, &read)
        return policy
    }

    private static func requireConsistency(of policy: SessionPolicy, _ read: inout SettingReader) {
        read.require(policy.accessTokenLifetime <= policy.idleLifetime, accessTokenLifetime, idleLifetime) { "\($0) is longer than \($1)" }
        read.require(policy.idleLifetime <= policy.absoluteLifetime, idleLifetime, absoluteLifetime) { "\($0) is longer than \($1)" }
        read.require(
            policy.refreshRetryWindow == .zero || policy.refreshRetryWindow >= policy.refreshGrace, refreshRetryWindow, refreshGrace
        ) { "\($0) is shorter than \($1)" }
    }

    private static func requireSafety(of policy: SessionPolicy, _ read: inout SettingReader) {
        read.requireInProduction(
            policy.accessTokenLifetime <= .seconds(86_400), accessTokenLifetime, "is longer than a day, which production does not allow")
        read.requireInProduction(
            policy.refreshGrace <= .seconds(60), refreshGrace, "is longer than a minute, which production does not allow")
        read.requireInProduction(
            policy.refreshRetryWindow <= .seconds(3600), refreshRetryWindow,
            "is longer than an hour: a stolen refresh token could be used unnoticed for that time")
    }
}
