import NIOConcurrencyHelpers

/// One caller of `execute` and what it waits for. The first of answer, deadline and cancellation resumes it; the rest find
/// nobody there.
final class Call: Sendable {
    typealias Answer = Result<PostgresRows, PostgresError>

    private enum State {
        case fresh
        case waiting(CheckedContinuation<Answer, Never>)
        case answered(Answer)
        case done
    }

    let steps: [BoundStatement]
    private let state = NIOLockedValueBox<State>(.fresh)

    init(steps: [BoundStatement]) {
        self.steps = steps
    }

    var isWrite: Bool { steps.contains { $0.statement.effect == .writes } }

    func answer(_ answer: Answer) {
        let continuation: CheckedContinuation<Answer, Never>? = state.withLockedValue { state in
            switch state {
            case .fresh:
                state = .answered(answer)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .answered, .done:
                return nil
            }
        }
        continuation?.resume(returning: answer)
    }

    func wait() async -> Answer {
        await withCheckedContinuation { continuation in
            let early: Answer? = state.withLockedValue { state in
                if case .answered(let answer) = state {
                    state = .done
                    return answer
                }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
    }
}
