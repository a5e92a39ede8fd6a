extension Checker {
    /// I1: after the acknowledged end of a session nothing of it is accepted, nor a token after its own revocation.
    func afterlife(of session: SessionHistory) -> [Violation] {
        let revocations = Dictionary(grouping: session.operations.filter { $0.kind == .revoke && $0.isAccepted }, by: \.token)
            .mapValues { $0.map(\.end).min() ?? .zero }
        return session.operations.compactMap { operation in
            guard operation.isEvidence else { return nil }
            let ends = [session.death?.end, revocations[operation.token]].compactMap { $0 }
            guard let end = ends.min(), operation.start > end else { return nil }
            return Violation(
                .acknowledgedEnd, operation, "its end was acknowledged by \(end.milliseconds) ms",
                history: session.operations + [session.death].compactMap { $0 })
        }
    }

    /// I2: a token that was refused stays refused.
    func revivals(in session: SessionHistory) -> [Violation] {
        let refusals = Dictionary(grouping: session.operations.filter { $0.refusal != nil }, by: \.token)
            .mapValues { $0.map(\.end).min() ?? .zero }
        return session.operations.compactMap { operation in
            guard operation.isEvidence, let refused = refusals[operation.token], operation.start > refused else { return nil }
            return Violation(
                .deadToken, operation, "the token had been refused by \(refused.milliseconds) ms", history: session.operations)
        }
    }

    /// I2: nobody makes up a token.
    func foreignTokens(in session: SessionHistory) -> [Violation] {
        session.operations.filter { $0.isEvidence && $0.token?.isForged ?? false }.map {
            Violation(.deadToken, $0, "the token was made up", history: session.operations)
        }
    }

    /// I2: an access token ends with its lifetime, with the grace after it was replaced, and when that which replaced it is.
    func outlivedTokens(in session: SessionHistory) -> [Violation] {
        session.operations.compactMap { operation in
            guard operation.isEvidence, operation.kind != .refresh, let token = operation.token, token.kind == .access, !token.isForged
            else { return nil }
            let ends = [
                session.issue(of: token.generation).map { $0.latest + rules.accessTokenLifetime + rules.tolerance },
                session.certainRotation(of: token.generation).map { $0 + rules.refreshGrace + rules.tolerance },
                session.certainRotation(of: token.generation + 1),
            ]
            guard let end = ends.compactMap({ $0 }).min(), operation.start > end else { return nil }
            return Violation(.deadToken, operation, "the token was over by \(end.milliseconds) ms", history: session.operations)
        }
    }

    /// I2: a refresh token that only a thief or their victim can present is not taken for a retry.
    func toleratedReuse(in session: SessionHistory) -> [Violation] {
        session.operations.compactMap { operation in
            guard operation.issued != nil, let generation = operation.token?.generation,
                let rotation = session.certainRotation(of: generation)
            else { return nil }
            let used = session.recordedUse(of: generation + 1, rules: rules).map {
                max($0, rotation + rules.refreshGrace + rules.tolerance)
            }
            let window = max(rules.refreshGrace, rules.refreshRetryWindow)
            let ends = [session.certainRotation(of: generation + 1), rotation + window + rules.tolerance, used]
            guard let end = ends.compactMap({ $0 }).min(), operation.start > end else { return nil }
            return Violation(.deadToken, operation, "its refresh token was over by \(end.milliseconds) ms", history: session.operations)
        }
    }

    /// I3: whoever presents a refresh token gets the same pair.
    func forks(in session: SessionHistory) -> [Violation] {
        session.renewals.compactMap { generation, renewals in
            guard Set(renewals.compactMap(\.issued)).count > 1 else { return nil }
            return Violation(
                .oneSuccessor, renewals.last, "generation \(generation) has \(Set(renewals.compactMap(\.issued)).count) successors",
                history: renewals)
        }
    }

    /// I5 and I6: a token that must be good is not refused.
    func unexplainedRefusals(in session: SessionHistory) -> [Violation] {
        session.operations.compactMap { operation in
            guard let refusal = operation.refusal, let token = operation.token, !token.isForged else { return nil }
            let isDead = session.mayBeDead(by: operation.end)
            switch (token.kind, refusal) {
            case (.access, _) where !isDead && !mayBeOver(token, in: session, by: operation.end):
                return Violation(.visibleChange, operation, "a live token was refused", history: session.operations)
            case (.refresh, "refresh_token_reused") where !mayBeReuse(operation, of: token, in: session):
                return Violation(.converging, operation, "a retry was taken for reuse", history: session.operations)
            case (.refresh, "invalid_token") where !isDead:
                return Violation(.converging, operation, "a live refresh token was refused", history: session.operations)
            case (.access, _), (.refresh, _): return nil
            }
        }
    }

    private func mayBeOver(_ token: Token, in session: SessionHistory, by moment: Duration) -> Bool {
        let ends = [
            session.issue(of: token.generation).map { $0.earliest + rules.accessTokenLifetime - rules.tolerance },
            session.earliestRotation(of: token.generation).map { $0 + rules.refreshGrace - rules.tolerance },
            session.earliestRotation(of: token.generation + 1),
        ]
        return ends.compactMap { $0 }.contains { $0 <= moment }
    }

    /// A retry beyond the grace is reuse once the successor was used, or the window has passed; that of an older token always.
    private func mayBeReuse(_ operation: Operation, of token: Token, in session: SessionHistory) -> Bool {
        if let older = session.earliestRotation(of: token.generation + 1), older <= operation.end { return true }
        guard let rotation = session.earliestRotation(of: token.generation, besides: operation),
            rotation + rules.refreshGrace - rules.tolerance <= operation.end
        else { return false }
        let isUsed = session.firstUse(of: token.generation + 1).map { $0 <= operation.end } ?? false
        return isUsed || rotation + rules.refreshRetryWindow - rules.tolerance <= operation.end
    }
}

extension Operation {
    /// Whether the server took the token for a good one. Revocation by a service answers 200 for any token (RFC 7009 §2.2).
    fileprivate var isEvidence: Bool { isAccepted && kind != .revoke }
}
