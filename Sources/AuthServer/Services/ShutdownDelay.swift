import AuthCore
import ServiceLifecycle
import Synchronization

/// The time between the signal to stop and the end of accepting. `/readyz` answers 503 while requests are still served, until load
/// balancers have noticed.
final class ShutdownDelay: Service, Readiness {
    private let readiness: any Readiness
    private let delay: Duration
    private let isStopping = Atomic(false)

    /// - Parameter delay: a little more than a load balancer takes to notice.
    init(readiness: any Readiness, delay: Duration) {
        (self.readiness, self.delay) = (readiness, delay)
    }

    func run() async throws {
        try? await gracefulShutdown()
        guard delay > .zero else { return }
        isStopping.store(true, ordering: .releasing)
        try? await Task.sleep(for: delay)
    }

    func check() async throws(AuthError) {
        guard !isStopping.load(ordering: .acquiring) else { throw .unavailable(cause: "shutting down") }
        try await readiness.check()
    }
}
