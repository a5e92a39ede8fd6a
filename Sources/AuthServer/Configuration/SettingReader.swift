import AuthMiddleware
import Configuration
import FoundationEssentials

/// Reads settings and remembers everything that is wrong with them.
struct SettingReader {
    private let source: ConfigReader
    private(set) var problems: [String] = []
    var isProduction = false

    init(source: ConfigReader) {
        self.source = source
    }

    mutating func report(_ problem: String) {
        problems.append(problem)
    }

    /// The text of a setting: from the variable, from the file that `NAME_FILE` names, or its default.
    mutating func text(_ setting: Setting) -> String {
        let given = value(of: setting.name)
        let file = setting.isSecret ? value(of: setting.name + "_FILE") : nil
        if given != nil, file != nil { report("\(setting.name) and \(setting.name)_FILE are both set: set one") }
        if let file { return contents(ofFile: file, for: setting) }
        let fallback = isProduction ? setting.productionDefault ?? setting.defaultValue : setting.defaultValue
        guard let text = given ?? fallback else {
            report("\(setting.name) is not set: \(setting.meaning)")
            return ""
        }
        return text
    }

    mutating func integer(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
        let text = text(setting)
        if let value = Int(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), range.contains(value) { return value }
        report("\(setting.name) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    mutating func boolean(_ setting: Setting) -> Bool {
        switch text(setting) {
        case "true": return true
        case "false": return false
        default:
            report("\(setting.name) is neither true nor false")
            return false
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ setting: Setting, _: Choice.Type) -> Choice
    where Choice.RawValue == String, Choice.AllCases: RandomAccessCollection {
        if let choice = Choice(rawValue: text(setting)) { return choice }
        report("\(setting.name) is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return Choice.allCases[Choice.allCases.startIndex]
    }

    mutating func duration(_ setting: Setting, in range: ClosedRange<Duration>) -> Duration {
        guard let duration = Duration(settingText: text(setting)) else {
            report("\(setting.name) is not a duration such as 500ms, 10s, 15m, 1h or 14d")
            return range.lowerBound
        }
        if !range.contains(duration) { report("\(setting.name) is outside \(range.lowerBound) to \(range.upperBound)") }
        return duration
    }

    mutating func trustedProxies() -> TrustedProxies {
        if let proxies = TrustedProxies(text(.trustedProxies)) { return proxies }
        report("TRUSTED_PROXIES is no list of addresses and ranges such as 10.0.0.0/8, 2001:db8::1")
        return .none
    }

    /// Both files, or neither.
    mutating func tlsFiles() -> TLSFiles? {
        let (certificate, privateKey) = (text(.tlsCertificateFile), text(.tlsPrivateKeyFile))
        if certificate != "none", privateKey != "none" { return TLSFiles(certificate: certificate, privateKey: privateKey) }
        if certificate != privateKey { report("TLS_CERTIFICATE_FILE and TLS_PRIVATE_KEY_FILE go together: set both or none") }
        return nil
    }

    mutating func allowedOrigins() -> AllowedOrigins {
        if let origins = AllowedOrigins(text(.corsAllowedOrigins)) { return origins }
        report(
            "CORS_ALLOWED_ORIGINS is no list of origins such as https://app.example.org: * and null are anybody's, a path is no part of one"
        )
        return .none
    }

    /// An empty variable counts as unset, as in a copied `.env.example`.
    private func value(of name: String) -> String? {
        source.string(forKey: ConfigKey([name]), isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func contents(ofFile path: String, for setting: Setting) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            report("the file that \(setting.name)_FILE names cannot be read")
            return ""
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

extension Duration {
    /// A whole number and a unit: `500ms`, `10s`, `15m`, `1h`, `14d`.
    init?(settingText text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        case "d": self = .seconds(number * 86_400)
        default: return nil
        }
    }
}
