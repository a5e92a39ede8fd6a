/// Lets those who want the same thing have it one after another, in the order in which they came.
actor Turns<Key: Hashable & Sendable> {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    /// Whose turn leaves him less than this would be cut off in the middle, and not know what became of it.
    private static var leastTime: Duration { .milliseconds(500) }

    /// A key is here for as long as somebody has it.
    private var waiters: [Key: [Waiter]] = [:]
    private var nextNumber = 0

    /// Whoever takes a turn passes it on.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)`` where it does not come in time for the deadline of the request.
    func take(_ key: Key) async throws(AuthError) {
        guard await take(key, by: RequestDeadline.current?.advanced(by: .zero - Self.leastTime)) else {
            throw .overloaded(retryAfter: .seconds(1))
        }
    }

    private func take(_ key: Key, by deadline: ContinuousClock.Instant?) async -> Bool {
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

    func pass(_ key: Key) {
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
