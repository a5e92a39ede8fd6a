public import AuthCore
public import Hummingbird

/// The context of a request that a service makes with its own credential.
public struct ClientRequestContext: ChildRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let client: ServiceClientID
    private let parent: AuthRequestContext

    public init(context: AuthRequestContext) throws {
        guard let client = context.client else { throw AuthError.invalidClient }
        coreContext = context.coreContext
        self.client = client
        parent = context
    }

    /// For the audit trail.
    public func origin(of request: Request) -> RequestOrigin { parent.origin(of: request) }
}
