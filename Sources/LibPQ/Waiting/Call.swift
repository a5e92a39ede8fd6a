import NIOConcurrencyHelpers

/// One caller and what it waits for. The first of answer, deadline and cancellation reaches it; the others have no effect.
final class Call: Sendable {
    typealias Answer = Result<Reply, PostgresError>

    /// A result, and where the execution was shared, the row of each item of this call; -1 where there is none.
    struct Reply: Sendable {
        let result: LibpqResult
        var rowOfItem: ArraySlice<Int32> = []
    }

    private enum State {
        case fresh
        case waiting(@Sendable (Answer) -> Void)
        case answered(Answer)
        case done
    }

    let steps: [BoundStatement]
    /// See ``Operation/items``.
    let items: Int
    private let state: NIOLockedValueBox<State>

    init(steps: [BoundStatement]) {
        self.steps = steps
        items = 0
        state = NIOLockedValueBox(.fresh)
    }

    /// One that shares an execution.
    ///
    /// - Parameters:
    ///   - first: a statement that runs before it in the same transaction. Calls that share an execution have the same one.
    ///   - recipient: called once, on whatever thread the answer comes from; `nil` for one who will ``wait()``.
    init(
        _ statement: BoundStatement, after first: BoundStatement? = nil, items: Int, recipient: (@Sendable (Answer) -> Void)? = nil
    ) {
        steps = (first.map { [$0] } ?? []) + [statement]
        self.items = items
        state = NIOLockedValueBox(recipient.map { .waiting($0) } ?? .fresh)
    }

    /// The statement whose rows are the answer.
    var last: BoundStatement { steps[steps.count - 1] }
    var isWrite: Bool { steps.contains(where: \.statement.isWrite) }

    func answer(_ answer: Answer) {
        let recipient: (@Sendable (Answer) -> Void)? = state.withLockedValue { state in
            switch state {
            case .fresh:
                state = .answered(answer)
                return nil
            case .waiting(let recipient):
                state = .done
                return recipient
            case .answered, .done:
                return nil
            }
        }
        recipient?(answer)
    }

    func wait() async -> Answer {
        let answer: Answer = await withCheckedContinuation { continuation in
            let early: Answer? = state.withLockedValue { state in
                if case .answered(let answer) = state {
                    state = .done
                    return answer
                }
                state = .waiting { continuation.resume(returning: $0) }
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
        // The Thread Sanitizer does not see how the runtime hands over; that who answered had this lock before, it sees.
        state.withLockedValue { _ in }
        return answer
    }
}
