public import AuthCore
import Synchronization

/// A clock that stands still until it is moved.
public final class ManualClock: WallClock {
    private let time: Mutex<Int64>

    /// Starts at 2026-01-01T00:00:00Z.
    public init(microseconds: Int64 = 1_767_225_600_000_000) {
        time = Mutex(microseconds)
    }

    public func now() -> Timestamp {
        Timestamp(microseconds: time.withLock { $0 })
    }

    public func advance(by duration: Duration) {
        time.withLock { $0 += Int64(duration / .microseconds(1)) }
    }
}
