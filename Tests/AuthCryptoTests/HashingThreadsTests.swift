import AuthCore
import NIOConcurrencyHelpers
import Synchronization
import Testing

@testable import AuthCrypto

@Suite struct HashingThreadsTests {
    @Test(arguments: [1, 3]) func `never more run at one time than there are slots`(_ slots: Int) async throws {
        let threads = HashingThreads(slots: slots, maximumWaiting: 1000)
        try threads.start()
        let running = Atomic(0)
        let most = NIOLockedValueBox(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                let job = HashJob {
                    let now = running.add(1, ordering: .relaxed).newValue
                    most.withLockedValue { $0 = max($0, now) }
                    for _ in 0..<20_000 { _ = running.load(ordering: .sequentiallyConsistent) }
                    running.subtract(1, ordering: .relaxed)
                    return .success(.verdict(PasswordVerdict(matches: true, needsRehash: false)))
                }
                group.addTask { _ = await threads.perform(job, in: nil, deadline: .now + .seconds(60)) }
            }
        }
        await threads.stop()
        #expect(most.withLockedValue { $0 } <= slots)
        #expect(most.withLockedValue { $0 } >= 1)
    }
}
