import AuthCore
import AuthCrypto
import Glibc
import Logging
import NIOConcurrencyHelpers

extension ServerConfiguration {
    /// All loggers of the process write lines of the configured form to standard error.
    ///
    /// - Throws: ``StartFailure`` where the system has no thread for it.
    func bootstrapLogging() throws -> Logger {
        Self.occupyStandardDescriptors()
        let (format, level, clock) = (logFormat, logLevel, SystemWallClock())
        let writer = LogWriter(descriptor: STDERR_FILENO) { lost in
            LogEntry(
                time: clock.now().description, level: "warning", message: "log lines were lost", metadata: ["lines": "\(lost)"]
            ).line(format)
        }
        do { try writer.start() } catch { throw StartFailure(error) }
        Self.flush(writer)
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, clock: clock, write: writer.write, logLevel: level)
        }
        return Logger(label: "auth-api")
    }

    /// A socket that got the number of a closed standard error would get the log.
    private static func occupyStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
    }

    /// The last lines, wherever the process ends.
    private static func flush(_ writer: LogWriter) {
        writerAtExit.withLockedValue { $0 = writer }
        atexit(flushAtExit)
    }
}

/// Ends the process where it stands, but for the last lines of its log.
///
/// `exit` would take the libraries down under the threads that use them.
func endAtOnce(_ status: Int32) -> Never {
    flushAtExit()
    _exit(status)
}

private func flushAtExit() { writerAtExit.withLockedValue { $0 }?.flush() }

/// What `atexit` runs can hold nothing.
private let writerAtExit = NIOLockedValueBox<LogWriter?>(nil)
