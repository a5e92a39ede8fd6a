import AuthCore

enum AttemptSettings {
    static let hourlyPerNetwork = Setting(
        "ATTEMPTS_PER_NETWORK", .integer(10...1_000_000), default: "300", formerly: "ATTEMPTS_PER_ADDRESS",
        "Attempts per hour from one IPv4 address or IPv6 /64, counted separately for failed logins, failed refreshes, "
            + "failed client credentials, registrations, requests for mails, and tokens of mails. "
            + "A tenth of them may come in one burst.")

    static func policy(_ read: inout SettingReader) -> AttemptPolicy {
        read.section = "Attempts"
        let policy = AttemptPolicy(hourlyPerNetwork: read(hourlyPerNetwork))
        read.requireInProduction(
            policy.hourlyPerNetwork <= 100_000, hourlyPerNetwork,
            "is more than 100000: one network could guess at every account, which production does not allow")
        return policy
    }
}
