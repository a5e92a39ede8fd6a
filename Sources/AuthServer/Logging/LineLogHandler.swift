import AuthCore
import FoundationEssentials
import Logging

/// Writes each entry as one line to standard error: as text for people or as JSON for machines.
struct LineLogHandler: LogHandler {
    let label: String
    let format: LoggingSettings.Format
    let clock: any WallClock
    let write: @Sendable (String) -> Void
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let entry = LogEntry(
            time: clock.now().description, level: event.level.rawValue, message: event.message.description, metadata: merged)
        write(entry.line(format))
    }
}
