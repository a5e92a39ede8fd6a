import AuthCrypto
import Glibc
import Logging

extension ServerConfiguration {
    /// All loggers of the process write lines of the configured form to standard error.
    func bootstrapLogging() -> Logger {
        let (format, level) = (logFormat, logLevel)
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, clock: SystemWallClock(), write: writeToStandardError, logLevel: level)
        }
        return Logger(label: "auth-api")
    }
}

/// One `write` for one line, so that lines of several threads never mix.
@Sendable private func writeToStandardError(_ line: String) {
    var line = line
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
}
