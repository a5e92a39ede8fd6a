import NIOCore
import Synchronization

/// One connection, as ``ConnectionPlaces`` sees it.
final class ConnectionPlace: Sendable {
    /// The network whose share it is a part of.
    let network: Network?
    let close: @Sendable () -> Void
    /// A new connection has this time for its first request before another may have its place.
    private static let firstRequestTime: TimeAmount = .seconds(1)

    /// When it became idle, in nanoseconds of ``NIODeadline``; 0 while a request is being answered.
    private let idle: Atomic<UInt64>

    /// - Parameter close: ends the connection if it is still idle.
    init(network: Network?, now: NIODeadline = .now(), close: @escaping @Sendable () -> Void) {
        (self.network, self.close) = (network, close)
        idle = Atomic((now + Self.firstRequestTime).uptimeNanoseconds)
    }

    /// `nil` while a request is being answered, and while the connection is new.
    func idleSince(at moment: NIODeadline) -> UInt64? {
        let since = idle.load(ordering: .relaxed)
        return since > 0 && since <= moment.uptimeNanoseconds ? since : nil
    }

    func becameBusy() { idle.store(0, ordering: .relaxed) }
    func becameIdle(at moment: NIODeadline) { idle.store(moment.uptimeNanoseconds, ordering: .relaxed) }
}
