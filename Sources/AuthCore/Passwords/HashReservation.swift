/// A place in the queue of a ``PasswordHasher``, reserved for one password. The password may still be refused when it comes, unless the
/// reservation was preferred. Releasing it unused gives it back.
public final class HashReservation: Sendable {
    public let number: UInt64
    /// The password's rank in the queue if the place is gone: a lower rank is served sooner.
    public let rank: Int
    private let onPrefer: @Sendable (UInt64) -> Void
    private let giveBack: @Sendable (UInt64) -> Void

    /// - Parameters:
    ///   - onPrefer: called by ``prefer()``.
    ///   - giveBack: called at the end of every reservation, used or not.
    public init(
        number: UInt64, rank: Int = 0, onPrefer: @escaping @Sendable (UInt64) -> Void = { _ in },
        giveBack: @escaping @Sendable (UInt64) -> Void
    ) {
        self.number = number
        self.rank = rank
        self.onPrefer = onPrefer
        self.giveBack = giveBack
    }

    /// The account knows the client: the password goes before those of strangers.
    public func prefer() { onPrefer(number) }

    deinit {
        giveBack(number)
    }
}
