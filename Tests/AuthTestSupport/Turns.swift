/// At most so many bodies at a time; the others wait in order.
///
/// Tests run side by side, and a PostgreSQL with its default of 100 connections must be enough for all of them.
package actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { free = count }

    package nonisolated func take<Value>(_ body: () async throws -> Value) async throws -> Value {
        await begin()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        await end()
        return try outcome.get()
    }

    private func begin() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
