public import AuthCore
public import Hummingbird

/// Sends passwords away that could not be hashed in time, before anything is done for them.
///
/// They hear of it after a while: one who asks again at once then takes nothing that others need. And not all after the same, so
/// that those who were refused together do not come back together.
public struct PasswordGate: RouterMiddleware {
    public typealias Context = AuthRequestContext

    struct Refusal {
        let error: AuthError
        let delay: Duration
    }

    private let hasher: any PasswordHasher

    public init(hasher: any PasswordHasher) {
        self.hasher = hasher
    }

    /// What who came now would hear, and when.
    func refusal() -> Refusal? {
        hasher.refusal().map { Refusal(error: $0, delay: Self.delay()) }
    }

    private static func delay() -> Duration { .milliseconds(Int.random(in: 50...80)) }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal() {
            try? await Task.sleep(for: refusal.delay)
            throw refusal.error
        }
        do {
            return try await next(request, context)
        } catch AuthError.overloaded(let time) {
            // There was room when he came, and others were sooner.
            try? await Task.sleep(for: Self.delay())
            throw AuthError.overloaded(retryAfter: time)
        }
    }
}
