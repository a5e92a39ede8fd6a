/// Holds a history to the invariants. An operation whose outcome is unknown counts as one that may have happened.
package struct Checker {
    let rules: Rules
    let operations: [Operation]
    let sessions: [SessionHistory]

    package init(_ operations: [Operation], rules: Rules) {
        (self.operations, self.rules) = (operations, rules)
        let bySession = Dictionary(grouping: operations.filter { $0.token != nil }) { $0.token?.session ?? "" }
        let ends = Dictionary(grouping: operations.filter(\.kind.endsOthers), by: \.account)
        sessions = operations.compactMap { birth in
            guard birth.kind == .logIn, let session = birth.issued?.session else { return nil }
            return SessionHistory(
                birth, session: session, operations: bySession[session] ?? [], accountEnds: ends[birth.account] ?? [], rules: rules)
        }
    }

    /// All violations, in the order of their time.
    package func violations() -> [Violation] {
        let found = wrongAnswers() + lostRegistrations() + sessions.flatMap(violations(in:))
        return found.sorted { ($0.culprit?.start ?? .zero) < ($1.culprit?.start ?? .zero) }
    }

    private func violations(in session: SessionHistory) -> [Violation] {
        afterlife(of: session) + revivals(in: session) + foreignTokens(in: session) + outlivedTokens(in: session)
            + toleratedReuse(in: session) + forks(in: session)
            + unexplainedRefusals(in: session)
    }

    /// I7.
    private func wrongAnswers() -> [Violation] {
        operations.compactMap { operation in
            switch operation.outcome {
            case .wrong(let answer): Violation(.honestFailure, operation, answer)
            case .unknown where isHanging(operation): Violation(.honestFailure, operation, "no answer although nothing was wrong")
            case .accepted, .issued, .refused, .failed, .unknown: nil
            }
        }
    }

    private func isHanging(_ operation: Operation) -> Bool {
        operation.end - operation.start > rules.answering && !rules.isDisturbed(operation.start...operation.end)
    }

    /// I5: who was registered can log in.
    private func lostRegistrations() -> [Violation] {
        let tried = Dictionary(grouping: operations.filter { $0.kind == .register }, by: \.account)
        let registered = tried.compactMapValues { $0.filter(\.isAccepted).map(\.end).min() }
        return operations.compactMap { operation in
            switch (operation.kind, operation.refusal) {
            case (.logIn, .some) where registered[operation.account].map { $0 < operation.start } ?? false:
                return Violation(.visibleChange, operation, "a registered account cannot log in", history: tried[operation.account] ?? [])
            case (.register, .some) where !(tried[operation.account] ?? []).contains { $0.start < operation.start && $0.mayHaveHappened }:
                return Violation(.visibleChange, operation, "an address is taken that nobody registered")
            default: return nil
            }
        }
    }
}

extension Operation.Kind {
    /// Whether it ends other sessions of the account than the one whose token is presented.
    fileprivate var endsOthers: Bool {
        switch self {
        case .endOne, .endOthers, .endAll: true
        case .register, .logIn, .use, .refresh, .logOut, .revoke: false
        }
    }
}
