import Logging

struct LoggingSettings: Sendable {
    enum Format: String, CaseIterable, Sendable { case text, json }

    let level: Logger.Level
    let format: Format

    static let level = Setting<Logger.Level>("LOG_LEVEL", .choice, default: "info", "The lowest level that is logged.")
    static let format = Setting<Format>(
        "LOG_FORMAT", .choice, default: "text", production: "json", "Each entry is one line: text for people, or JSON for programs.")

    init(_ read: inout SettingReader) {
        read.section = "Logging"
        level = read(Self.level)
        format = read(Self.format)
        read.requireInProduction(level >= .info, Self.level, "writes more than a production log may hold")
    }
}
