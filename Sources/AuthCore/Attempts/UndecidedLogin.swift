/// A login that is counted as a failure until it is decided. It has the client's turn on the account, which
/// ``AttemptLimits/accept(_:)``, ``AttemptLimits/refuse(_:)`` or ``AttemptLimits/withdraw(_:)`` ends. It cannot be copied, so it does not
/// end twice. Its owner must see to it that it ends.
struct UndecidedLogin: ~Copyable {
    let attempt: LoginAttempt
    /// The place in the hashing queue that was reserved before the attempt was counted.
    let reservation: HashReservation
    /// The key of the turn.
    let turn: [UInt8]
}
