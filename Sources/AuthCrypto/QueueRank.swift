/// Where a password stands in the queue: a lower rank is served sooner.
struct QueueRank: Hashable, Sendable {
    /// The rank if the account knows the network.
    let known: Int
    /// The rank if it does not.
    let unknown: Int

    /// The ranks of a network that has not asked lately.
    static let quiet = QueueRank(use: 0)

    /// This many recent attempts of a network do not count for accounts that know it.
    static let allowance = 10.0

    /// - Parameter use: how often the network asked lately.
    init(use: Double) {
        known = Self.step(max(0, use - Self.allowance))
        unknown = 1 + Self.step(use)
    }

    /// Two steps for each doubling. Attempts with about the same count have the same step, and so keep the order of their arrival.
    private static func step(_ use: Double) -> Int {
        var (step, bound) = (0, 0.0)
        while use > bound + 1e-6 {
            step += 1
            bound = bound < 1 ? bound + 0.5 : bound * 1.41422
        }
        return step
    }
}
