public import AuthCore
import Synchronization

/// Ready until told otherwise.
public final class SwitchableReadiness: Readiness {
    private let isReady = Atomic(true)

    public init() {}

    public func fail() { isReady.store(false, ordering: .relaxed) }

    public func check() async throws(AuthError) {
        guard isReady.load(ordering: .relaxed) else { throw .unavailable(cause: "the database is away") }
    }
}
