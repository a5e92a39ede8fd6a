import NIOConcurrencyHelpers

/// One caller and what it waits for. The first of answer, deadline and cancellation reaches it; the rest find nobody there.
final class Call: Sendable {
    typealias Answer = Result<Reply, PostgresError>

    /// A result, and where it answers a look-up, the row of each key of this call; -1 where there is none.
    struct Reply: Sendable {
        let result: LibpqResult
        var rowOfKey: ArraySlice<Int32> = []
    }

    private enum State {
        case fresh
        case waiting(@Sendable (Answer) -> Void)
        case answered(Answer)
        case done
    }

    let steps: [BoundStatement]
    /// See ``Operation/keys``.
    let keys: Int
    private let state: NIOLockedValueBox<State>

    init(steps: [BoundStatement]) {
        self.steps = steps
        keys = 0
        state = NIOLockedValueBox(.fresh)
    }

    /// A look-up.
    ///
    /// - Parameter recipient: called once, on whatever thread the answer comes from; `nil` for one who will ``wait()``.
    init(_ lookup: BoundStatement, keys: Int, recipient: (@Sendable (Answer) -> Void)? = nil) {
        steps = [lookup]
        self.keys = keys
        state = NIOLockedValueBox(recipient.map { .waiting($0) } ?? .fresh)
    }

    var isWrite: Bool { steps.contains { $0.statement.effect == .writes } }

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
        await withCheckedContinuation { continuation in
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
    }
}
