public import AuthCore
import NIOConcurrencyHelpers

/// A clock that stands still until it is moved.
public final class ManualClock: WallClock {
    private let time: NIOLockedValueBox<Int64>

    /// Starts at 2026-01-01T00:00:00Z.
    public init(microseconds: Int64 = 1_767_225_600_000_000) {
        time = NIOLockedValueBox(microseconds)
    }

    public func now() -> Timestamp {
        Timestamp(microseconds: time.withLockedValue { $0 })
    }

    public func advance(by duration: Duration) {
        time.withLockedValue { $0 += Int64(duration / .microseconds(1)) }
    }
}
