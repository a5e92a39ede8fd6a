import AuthCore
import NIOConcurrencyHelpers

/// One caller that waits for a hash. The first of answer and cancellation resumes it.
final class HashJob: Sendable {
    typealias Answer = Result<PasswordVerdictOrHash, AuthError>

    enum PasswordVerdictOrHash: Sendable {
        case verdict(PasswordVerdict)
        case hash(PasswordHash)
    }

    let work: @Sendable () -> Answer
    private let continuation = NIOLockedValueBox<CheckedContinuation<Answer, Never>?>(nil)

    init(work: @Sendable @escaping () -> Answer) {
        self.work = work
    }

    func expect(_ continuation: CheckedContinuation<Answer, Never>) {
        self.continuation.withLockedValue { $0 = continuation }
    }

    func answer(_ answer: Answer) {
        continuation.withLockedValue { continuation in
            defer { continuation = nil }
            return continuation
        }?.resume(returning: answer)
    }
}
