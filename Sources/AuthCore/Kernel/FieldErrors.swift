/// The errors in the fields of one request that its answer lists.
public struct FieldErrors: Sendable {
    /// A client with more wrong fields corrects these first. A longer answer would cost the server more than the request cost its sender.
    public static let maximum = 10

    private var errors: [FieldError] = []

    public init() {}

    public mutating func add(_ error: FieldError) {
        if errors.count < Self.maximum { errors.append(error) }
    }

    /// - Throws: ``AuthError/validationFailed(_:)`` if there is any error.
    public func check() throws(AuthError) {
        guard errors.isEmpty else { throw .validationFailed(errors) }
    }
}
