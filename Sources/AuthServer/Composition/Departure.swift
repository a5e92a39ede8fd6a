import AuthCore
import ServiceLifecycle
import Synchronization

/// The time between the signal to stop and the end of accepting: the server calls itself unready and serves all the same, until those
/// who send it requests have noticed.
final class Departure: Service, Readiness {
    private let readiness: any Readiness
    private let delay: Duration
    private let isLeaving = Atomic(false)

    /// - Parameter delay: a little more than a load balancer takes to notice.
    init(readiness: any Readiness, delay: Duration) {
        (self.readiness, self.delay) = (readiness, delay)
    }

    func run() async throws {
        try? await gracefulShutdown()
        guard delay > .zero else { return }
        isLeaving.store(true, ordering: .releasing)
        try? await Task.sleep(for: delay)
    }

    func check() async throws(AuthError) {
        guard !isLeaving.load(ordering: .acquiring) else { throw .unavailable(cause: "shutting down") }
        try await readiness.check()
    }
}
