/// Where the server runs. It is read first: production has defaults and rules of its own.
enum Environment: String, CaseIterable, Sendable {
    case development, production

    static let setting = Setting<Environment>(
        "AUTH_ENVIRONMENT", .choice, default: "development", "In production the server refuses to start with unsafe settings.")

    static func read(_ read: inout SettingReader) -> Environment {
        read.section = "Environment"
        let environment = read(setting)
        read.isProduction = environment == .production
        return environment
    }
}
