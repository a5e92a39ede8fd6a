import AuthCore

/// The rows that a transaction concerns: those of one routing key.
enum Placement: Sendable {
    case key(RoutingKey)
    /// The key of this address. Its account may have another key.
    case address(EmailAddress)
    case client(ServiceClientID)
}

extension RoutingKeys {
    func key(of placement: Placement) throws(AuthError) -> RoutingKey {
        switch placement {
        case .key(let key): key
        case .address(let email): try key(of: email)
        case .client(let id): try key(of: id)
        }
    }
}
