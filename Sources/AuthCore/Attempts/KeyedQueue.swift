/// For each key one caller at a time, in the order of their arrival.
actor KeyedQueue<Key: Hashable & Sendable> {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    /// The least time a caller needs when its turn comes. With less it gives up, rather than be cut off with an unknown outcome.
    private static var leastTime: Duration { .milliseconds(500) }

    /// The waiting callers of each key that a caller has now.
    private var waiters: [Key: [Waiter]] = [:]
    private var nextNumber = 0

    /// Waits for the caller's turn. The caller then calls ``leave(_:)`` exactly once.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)`` if the turn does not come in time for the deadline of the request.
    func enter(_ key: Key) async throws(AuthError) {
        guard await enter(key, by: RequestDeadline.current?.advanced(by: .zero - Self.leastTime)) else {
            throw .overloaded(retryAfter: .seconds(1))
        }
    }

    private func enter(_ key: Key, by deadline: ContinuousClock.Instant?) async -> Bool {
        guard waiters[key] != nil else {
            waiters[key] = []
            return true
        }
        nextNumber += 1
        let number = nextNumber
        let timer = deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline)
                self.giveUp(number, on: key)
            }
        }
        defer { timer?.cancel() }
        return await withCheckedContinuation { waiters[key]?.append(Waiter(number: number, continuation: $0)) }
    }

    /// Ends the caller's turn. The next caller's begins.
    func leave(_ key: Key) {
        guard let waiting = waiters[key], !waiting.isEmpty else {
            waiters[key] = nil
            return
        }
        waiters[key]?.removeFirst().continuation.resume(returning: true)
    }

    private func giveUp(_ number: Int, on key: Key) {
        guard let index = waiters[key]?.firstIndex(where: { $0.number == number }) else { return }
        waiters[key]?.remove(at: index).continuation.resume(returning: false)
    }
}
