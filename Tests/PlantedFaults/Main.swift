import AuthCore
import AuthServer

/// `auth-api serve` with one thing wrong, named by the argument. It is built for the prover's own test and never shipped.
@main
enum Main {
    static func main() async throws {
        let fault = CommandLine.arguments.dropFirst().first
        try await serve { stores in
            switch fault {
            case "cache": stores.sessions.sessions = CachingSessionStore(stores.sessions.sessions)
            case "unguarded-refresh": stores.sessions.refreshes = UnguardedRefreshStore(stores.sessions.refreshes)
            case "endless-retry": stores.sessions.refreshes = EndlessRetryStore(stores.sessions.refreshes)
            default: fatalError("no such fault: \(fault ?? "none")")
            }
        }
    }
}
