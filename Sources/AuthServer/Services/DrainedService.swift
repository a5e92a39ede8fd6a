import ServiceLifecycle

/// The HTTP server. A stop lets it finish the requests that have begun, for a limited time, so that time is left for the services that
/// stop after it.
struct DrainedService<Base: Service>: Service {
    let server: Base
    let drainTime: Duration

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: drainTime)
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
