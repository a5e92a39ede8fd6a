public import AuthCore
public import Hummingbird

/// Refuses a password that could not be hashed in time, before anything else is done for it. A network that asked often lately is
/// refused sooner.
///
/// The refusal is delayed by 50 to 80 ms. Clients that retry immediately then take no time from admitted requests, and the random
/// delay spreads their retries.
public struct PasswordGate: RouterMiddleware {
    public typealias Context = AuthRequestContext

    /// The refusal of a password for which there is no room.
    public struct Refusal {
        public let error: AuthError
        /// How long after the request.
        public let delay: Duration
    }

    private let passwords: Passwords

    public init(passwords: Passwords) {
        self.passwords = passwords
    }

    /// The refusal of a password that arrives now from this address, and its delay.
    public func refusal(for address: String?) -> Refusal? {
        passwords.refusal(for: address).map { Refusal(error: $0, delay: Self.delay()) }
    }

    private static func delay() -> Duration { .milliseconds(Int.random(in: 50...80)) }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(for: context.clientAddress) {
            try? await Task.sleep(for: refusal.delay)
            throw refusal.error
        }
        do {
            return try await next(request, context)
        } catch AuthError.overloaded(let time) {
            // There was room when the request came, but other requests took it.
            try? await Task.sleep(for: Self.delay())
            throw AuthError.overloaded(retryAfter: time)
        }
    }
}
