/// A place in the queue of a ``PasswordHasher``, good for one password. Who drops it unused gives it back.
public final class HashingPlace: Sendable {
    public let number: UInt64
    private let giveBack: @Sendable (UInt64) -> Void

    /// - Parameter giveBack: called at the end of every place, used or not.
    public init(number: UInt64, giveBack: @escaping @Sendable (UInt64) -> Void) {
        self.number = number
        self.giveBack = giveBack
    }

    deinit {
        giveBack(number)
    }
}
