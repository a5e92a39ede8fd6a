import Configuration

/// Reads settings, and collects every problem with them.
struct SettingReader {
    private let source: ConfigReader
    private(set) var problems: [String] = []
    /// The texts that were read, except secrets.
    private(set) var texts: [String: String] = [:]
    /// Everything that was read, in this order.
    private(set) var entries: [SettingEntry] = []
    /// The heading for the settings that are read next.
    var section = ""
    var isProduction = false

    init(source: ConfigReader) {
        self.source = source
    }

    /// Reads nothing: each setting has its default.
    static var ofDefaults: SettingReader {
        SettingReader(source: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: [:])))
    }

    /// The value of a setting. If its text is refused, the problem is reported and the result is an allowed value.
    mutating func callAsFunction<Value>(_ setting: Setting<Value>) -> Value {
        let text = text(of: setting.entry)
        switch setting.kind.read(text) {
        case .value(let value): return value
        case .refused(let reason, let substitute):
            refuse(setting, reason)
            return substitute
        }
    }

    mutating func report(_ problem: String) { problems.append(problem) }

    /// Reports a problem unless the condition holds.
    mutating func require(_ condition: Bool, _ problem: @autoclosure () -> String) {
        if !condition { report(problem()) }
    }

    /// Reports that two settings do not fit together, unless the condition holds.
    ///
    /// - Parameter problem: makes a sentence of both settings with their texts.
    mutating func require<First, Second>(
        _ condition: Bool, _ first: Setting<First>, _ second: Setting<Second>, _ problem: (String, String) -> String
    ) {
        if !condition { report(problem(quoted(first.entry), quoted(second.entry))) }
    }

    /// Reports, in production, a problem unless the condition holds.
    mutating func requireInProduction(_ condition: Bool, _ problem: @autoclosure () -> String) {
        if isProduction { require(condition, problem()) }
    }

    /// Refuses, in production, a setting unless the condition holds.
    mutating func requireInProduction<Value>(_ condition: Bool, _ setting: Setting<Value>, _ reason: String) {
        if isProduction, !condition { refuse(setting, reason) }
    }

    /// - Parameter reason: completes a sentence that begins with the setting and its text.
    mutating func refuse<Value>(_ setting: Setting<Value>, _ reason: String) {
        report("\(quoted(setting.entry)) \(reason)")
    }

    /// A setting with the text that was read, so that the operator sees which of several sources it came from. Secrets are not quoted.
    private func quoted(_ entry: SettingEntry) -> String {
        guard let text = texts[entry.name] else { return entry.name }
        return "\(entry.name)=" + LogEntry.escaped(String(text.unicodeScalars.prefix(Self.quotedScalars)))
    }

    private static let quotedScalars = 100

    /// The text of a setting: from the variable, from the file that `NAME_FILE` names, or its default.
    private mutating func text(of entry: SettingEntry) -> String {
        register(entry)
        let given = variable(entry.name)
        let file = entry.isSecret ? variable(entry.name + "_FILE") : nil
        if given != nil, file != nil { report("\(entry.name) and \(entry.name)_FILE are both set: set one") }
        if let file { return contents(of: SettingFile(path: file), for: entry) }
        let fallback = isProduction ? entry.productionDefault ?? entry.defaultText : entry.defaultText
        guard let text = given ?? fallback else {
            report("\(entry.name) is not set: it must be \(entry.values)")
            return ""
        }
        if !entry.isSecret { texts[entry.name] = text }
        return text
    }

    private mutating func register(_ entry: SettingEntry) {
        var entry = entry
        entry.section = section
        entries.append(entry)
        if let former = entry.formerName, variable(former) != nil { report("\(former) is now called \(entry.name): rename it") }
    }

    /// An empty variable counts as unset, as in a copied `.env.example`.
    private func variable(_ name: String) -> String? {
        source.string(forKey: ConfigKey([name]), isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func contents(of file: SettingFile, for entry: SettingEntry) -> String {
        guard let text = file.contents else {
            report("the file that \(entry.name)_FILE names cannot be read")
            return ""
        }
        requireInProduction(
            !file.isOpenToEveryUser, "the file that \(entry.name)_FILE names can be read by every user of this machine: chmod o= it")
        return text
    }
}
