/// Tells owners what has happened to their accounts.
struct MailNotices: Sendable {
    let identifiers: IdentifierGenerator
    let isOn: Bool

    /// The mail for the transaction that changes the account.
    ///
    /// - Returns: `nil` if the server sends no mail.
    func notice(_ kind: MailKind, of user: UserID) -> NewMail? { notice(kind, routing: user.routing) }

    /// The same by the routing key of the account.
    func notice(_ kind: MailKind, routing: RoutingKey) -> NewMail? {
        isOn ? NewMail(id: identifiers.make(routing: routing), kind: kind) : nil
    }
}
