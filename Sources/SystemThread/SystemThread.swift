import Glibc

/// A thread of the operating system, for work that blocks or computes for long. Such work must not run on Swift's own threads, which are
/// as many as there are cores and serve all requests.
public enum SystemThread {
    /// The system refused to make a thread.
    public struct Refused: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs the body on a new thread, which ends with it.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes, as `top -H` shows it.
    ///   - niceness: 0 to 19; higher yields to the rest of the process.
    public static func start(named name: String, niceness: Int32 = 0, _ body: @Sendable @escaping () -> Void) throws(Refused) {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, niceness: niceness, body: body))
        let status = pthread_create(&thread, nil, run, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw Refused(description: "pthread_create: error \(status)")
        }
        pthread_detach(thread)
    }

    private final class Start: Sendable {
        let name: String
        let niceness: Int32
        let body: @Sendable () -> Void

        init(name: String, niceness: Int32, body: @Sendable @escaping () -> Void) {
            self.name = name
            self.niceness = niceness
            self.body = body
        }
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        nameThisThread(start.name)
        // On Linux 0 means the calling thread, not the process.
        if start.niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness) }
        start.body()
        return nil
    }

    /// Glibc's own function for this is not visible from Swift.
    private static func nameThisThread(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY)
        guard file >= 0 else { return }
        _ = write(file, name, min(name.utf8.count, 15))
        close(file)
    }
}
