import Synchronization

/// Ends the waiting of operations that no connection took before their deadline.
struct Timekeeper: Sendable {
    let core: Core

    func run() {
        while !core.isStopping.load(ordering: .acquiring) {
            core.timekeeperWakeup.wait(until: core.expireQueued())
        }
    }
}
