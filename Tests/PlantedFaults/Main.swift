import AuthServer

/// `auth-api serve` with one thing wrong, named by the argument. It is built for the prover's own test and never shipped.
@main
enum Main {
    static func main() async throws {
        let fault = CommandLine.arguments.dropFirst().first
        try await serve { stores in
            switch fault {
            case "cache": stores.sessions = CachingSessionStore(stores.sessions)
            case "unguarded-refresh": stores.refreshes = UnguardedRefreshStore(stores.refreshes)
            case "endless-retry": stores.refreshes = EndlessRetryStore(stores.refreshes)
            default: fatalError("no such fault: \(fault ?? "none")")
            }
        }
    }
}
