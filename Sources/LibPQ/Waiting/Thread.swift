import Glibc

/// Runs the body on a thread of its own, detached.
///
/// - Parameter name: at most 15 bytes, as Linux shows it.
func startThread(named name: String, _ body: @Sendable @escaping () -> Void) throws(PostgresError) {
    var thread = pthread_t()
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    let status = pthread_create(&thread, nil, { argument in
        let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
        nameThisThread(start.name)
        start.body()
        return nil
    }, start.toOpaque())
    guard status == 0 else {
        start.release()
        throw .unavailable("pthread_create: errno \(status)")
    }
    pthread_detach(thread)
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @Sendable @escaping () -> Void) {
        self.name = name
        self.body = body
    }
}

/// As `top -H` shows it. Glibc's function for this is not visible from Swift.
private func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY)
    guard file >= 0 else { return }
    _ = write(file, name, min(name.utf8.count, 15))
    close(file)
}
