import AuthCore
import AuthCrypto
import Glibc
import Logging
import NIOConcurrencyHelpers

extension ServerConfiguration {
    /// All loggers of the process write lines of the configured form to standard error.
    ///
    /// - Throws: ``StartFailure`` if the system has no thread for it.
    func bootstrapLogging() throws(StartFailure) -> Logger {
        Self.occupyStandardDescriptors()
        let (format, level, clock) = (logging.format, logging.level, SystemWallClock())
        let writer = LogWriter(descriptor: STDERR_FILENO) { lost in
            LogEntry(
                time: clock.now().description, level: "warning", message: "log lines were lost",
                metadata: ["lines": .stringConvertible(lost)]
            ).line(format)
        }
        do { try writer.start() } catch { throw StartFailure(error) }
        Self.flush(writer)
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, clock: clock, write: writer.write, logLevel: level)
        }
        return Logger(label: "auth-api")
    }

    /// Opens closed standard descriptors: otherwise a socket could get the number of standard error, and the log with it.
    private static func occupyStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
    }

    /// Writes the last lines when the process ends.
    private static func flush(_ writer: LogWriter) {
        writerAtExit.withLockedValue { $0 = writer }
        atexit(flushAtExit)
    }
}

/// Ends the process immediately, after the last lines of its log.
///
/// `exit` would shut libraries down while threads use them.
func endImmediately(_ status: Int32) -> Never {
    flushAtExit()
    _exit(status)
}

private func flushAtExit() { writerAtExit.withLockedValue { $0 }?.flush() }

/// A function for `atexit` cannot capture anything.
private let writerAtExit = NIOLockedValueBox<LogWriter?>(nil)
