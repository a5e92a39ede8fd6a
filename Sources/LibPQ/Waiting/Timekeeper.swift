import Synchronization

/// Ends the waiting of operations that no connection took before their deadline.
struct Timekeeper: Sendable {
    let state: ClientState

    func run() {
        while !state.isStopping.load(ordering: .acquiring) {
            state.timekeeperWakeup.wait(until: state.expireQueued())
        }
    }
}
