/// One environment variable: its name, its allowed values, its default and its meaning. The table of settings is made from this alone.
struct Setting<Value: Sendable>: Sendable {
    let kind: SettingKind<Value>
    let entry: SettingEntry

    /// - Parameters:
    ///   - defaultText: stands for an unset variable; `nil` if the variable must be set.
    ///   - production: the default in production, if it is another one.
    ///   - formerName: a name that the setting had before. A variable of that name is refused.
    ///   - meaning: sentences for the table.
    init(
        _ name: String, _ kind: SettingKind<Value>, default defaultText: String?, production: String? = nil,
        formerly formerName: String? = nil, _ meaning: String
    ) {
        self.kind = kind
        entry = SettingEntry(
            name: name, values: kind.values, defaultText: defaultText, productionDefault: production, formerName: formerName,
            isSecret: kind.isSecret, meaning: meaning)
    }
}

/// What the documentation says about a setting.
struct SettingEntry: Sendable {
    let name: String
    /// The allowed values.
    let values: String
    let defaultText: String?
    let productionDefault: String?
    let formerName: String?
    /// Whether `NAME_FILE` may name a file that holds the value. The value is never printed.
    let isSecret: Bool
    let meaning: String
    /// The heading of the table that has it.
    var section = ""
}
