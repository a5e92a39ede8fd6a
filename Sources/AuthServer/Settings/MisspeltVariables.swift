/// Environment variables that look like settings but are not: `ACCESS_TOKEN_TLL`.
enum MisspeltVariables {
    /// Beginnings of settings that few other variables have.
    private static let beginnings = [
        "ACCESS_TOKEN_", "ARGON2_", "ATTEMPTS_", "AUDIT_", "AUTH_", "CORS_", "DATABASE_", "MIGRATE_", "PASSWORD_M", "REFRESH_",
        "SESSIONS_", "SESSION_ABS", "SESSION_IDLE", "SESSION_RET", "TRUSTED_",
    ]

    /// A sentence for each such variable, in the order of their names.
    ///
    /// - Parameter names: the names of all environment variables.
    static func warnings(among names: some Sequence<String>) -> [String] {
        names.filter { !known.contains($0) && !former.contains($0) }.sorted().compactMap { name in
            if name.hasSuffix("_FILE"), known.contains(String(name.dropLast("_FILE".count))) {
                return "\(name) is not read: only secrets are read from files"
            }
            if let setting = nearest(to: name) { return "\(name) is not a setting: did you mean \(setting)?" }
            guard beginnings.contains(where: name.hasPrefix) else { return nil }
            return "\(name) is not a setting: `auth-api settings` prints all of them"
        }
    }

    private static let known = Set(SettingsTable.entries.flatMap { $0.isSecret ? [$0.name, $0.name + "_FILE"] : [$0.name] })
    /// A variable of a former name is a problem of the configuration, which names the new one.
    private static let former = Set(SettingsTable.entries.compactMap(\.formerName))

    private static func nearest(to name: String) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let candidates = known.sorted().map { (setting: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        // Short names are similar to many others: HOST to HOME.
        return candidates.filter { $0.distance <= min(2, $0.setting.utf8.count / 4) }.min { $0.distance < $1.distance }?.setting
    }

    /// How many octets must be inserted, removed or replaced to turn one into the other (Levenshtein).
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, octet) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let replaced = diagonal + (octet == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
