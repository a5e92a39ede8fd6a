public import AuthCore
public import Hummingbird

/// The context of a request that the guard has let through. Its session is not optional, so no handler can forget to look.
public struct AuthenticatedRequestContext: ChildRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let session: AuthenticatedSession
    private let parent: AuthRequestContext

    public init(context: AuthRequestContext) throws {
        guard let session = context.session else { throw AuthError.missingToken }
        coreContext = context.coreContext
        self.session = session
        parent = context
    }

    /// For the audit trail.
    public func origin(of request: Request) -> RequestOrigin { parent.origin(of: request) }
}
