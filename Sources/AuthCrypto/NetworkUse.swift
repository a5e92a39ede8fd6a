import Glibc

/// How often each network lately asked for a place in the queue. A count halves every minute.
///
/// It is a count-min sketch (Cormode and Muthukrishnan 2005): its memory does not grow with the number of networks, and a network
/// that shares its cells with busy ones counts as busier than it is, never as quieter.
struct NetworkUse: Sendable {
    private struct Cell {
        var count = 0.0
        /// In seconds since the start.
        var time = 0.0
    }

    private static let halfLife = 60.0
    private static let rows = 2
    private static let width = 8192

    private let start: ContinuousClock.Instant
    private var cells = [Cell](repeating: Cell(), count: rows * width)

    init(start: ContinuousClock.Instant = .now) {
        self.start = start
    }

    /// The greatest count of the client's networks, each multiplied by its factor.
    func count(of networks: ClientNetworks, now: ContinuousClock.Instant) -> Double {
        networks.shares.map { count(of: $0.network, at: seconds(now)) * $0.weight }.max() ?? 0
    }

    /// Counts one more attempt. A narrow network is not counted while a wider one has the greater weighted count, so that a client that
    /// changes its address within the wider one does not fill the cells.
    mutating func add(_ networks: ClientNetworks, now: ContinuousClock.Instant) {
        var decisive = 0.0
        for share in networks.shares {
            let count = count(of: share.network, at: seconds(now)) + 1
            guard count * share.weight > decisive else { continue }
            decisive = count * share.weight
            set(share.network, at: seconds(now)) { max($0, count) }
        }
    }

    /// Subtracts a part of what ``add(_:now:)`` counted.
    mutating func giveBack(_ part: Double, of networks: ClientNetworks, now: ContinuousClock.Instant) {
        for share in networks.shares { set(share.network, at: seconds(now)) { max(0, $0 - part) } }
    }

    private func count(of network: ClientNetworks.Network, at time: Double) -> Double {
        Self.places(of: network).map { decayed(cells[$0], at: time) }.min() ?? 0
    }

    private mutating func set(_ network: ClientNetworks.Network, at time: Double, to value: (Double) -> Double) {
        for place in Self.places(of: network) {
            cells[place] = Cell(count: value(decayed(cells[place], at: time)), time: time)
        }
    }

    private func decayed(_ cell: Cell, at time: Double) -> Double {
        cell.count * exp2((cell.time - time) / Self.halfLife)
    }

    /// One cell in each row. `Hasher` is seeded anew in each process, so no client can choose networks that share cells.
    private static func places(of network: ClientNetworks.Network) -> [Int] {
        (0..<rows).map { row in
            var hasher = Hasher()
            hasher.combine(row)
            hasher.combine(network)
            return row * width + Int(UInt(bitPattern: hasher.finalize()) % UInt(width))
        }
    }

    private func seconds(_ now: ContinuousClock.Instant) -> Double { (now - start) / .seconds(1) }
}
