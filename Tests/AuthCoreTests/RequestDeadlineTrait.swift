import AuthCore
import Testing

/// The tests of a suite have a deadline, as requests have: a login whose turn never comes fails, and does not wait for ever.
struct RequestDeadlineTrait: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await RequestDeadline.$current.withValue(.now + .seconds(30)) { try await function() }
    }
}

extension Trait where Self == RequestDeadlineTrait {
    static var requestDeadline: Self { Self() }
}
