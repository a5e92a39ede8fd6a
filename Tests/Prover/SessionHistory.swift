/// What was done to one session, and what follows from it.
struct SessionHistory {
    let id: String
    /// The login that opened it.
    let birth: Operation
    /// Those that presented a token of it.
    let operations: [Operation]
    /// The first acknowledged end of it: what starts after that finds it dead.
    let death: Operation?
    /// Before this it lives for sure.
    let firstDoubt: Duration?

    /// Refreshes that presented the refresh token of a generation, refused ones aside.
    private let presentations: [Int32: [Operation]]
    /// When a token of a generation was first used, if only perhaps.
    private let firstUses: [Int32: Duration]

    /// - Parameter accountEnds: those of the account that end other sessions than the one whose token they present.
    init(_ birth: Operation, session: String, operations: [Operation], accountEnds: [Operation], rules: Rules) {
        (id, self.birth, self.operations) = (session, birth, operations)
        let presentations = Dictionary(grouping: operations.filter { $0.kind == .refresh && $0.mayHaveHappened }) {
            $0.token?.generation ?? 0
        }
        let own = operations.filter { $0.kind.endsItsOwnSession || $0.isReuse }
        let others = accountEnds.filter { $0.reaches(session) }
        death =
            (own.filter { $0.isAccepted && $0.isSureOfItsSession || $0.isReuse } + others.filter { $0.isAccepted && birth.end < $0.start })
            .min { $0.end < $1.end }
        let possible =
            own.filter { $0.mayHaveHappened || $0.isReuse }
            + others.filter { $0.mayHaveHappened && ($0.isAccepted ? $0.end : rules.latestEffect(of: $0)) >= birth.start }
            + operations.filter { Self.mayBeLateReuse($0, presentations, rules) }
        firstDoubt = possible.map(\.start).min()
        firstUses = operations.filter(\.mayHaveHappened).reduce(into: [:]) { uses, operation in
            guard let generation = operation.token?.generation else { return }
            uses[generation] = min(uses[generation] ?? operation.start, operation.start)
        }
        self.presentations = presentations
    }

    /// A refresh whose answer was lost may be carried out so late that it is a reuse.
    private static func mayBeLateReuse(_ operation: Operation, _ presentations: [Int32: [Operation]], _ rules: Rules) -> Bool {
        guard operation.kind == .refresh, case .unknown = operation.outcome, let generation = operation.token?.generation else {
            return false
        }
        let latest = rules.latestEffect(of: operation)
        let isPastGrace = (presentations[generation] ?? []).contains {
            $0.number != operation.number && $0.start + rules.refreshGrace <= latest
        }
        return isPastGrace || (presentations[generation + 1] ?? []).contains { $0.start <= latest }
    }

    func mayBeDead(by moment: Duration) -> Bool { firstDoubt.map { $0 < moment } ?? false }

    /// When the generation may first have given way to the next, at the word of another operation than this.
    func earliestRotation(of generation: Int32, besides operation: Operation? = nil) -> Duration? {
        presentations[generation]?.filter { $0.number != operation?.number }.map(\.start).min()
    }

    /// When the generation had given way to the next for sure.
    func certainRotation(of generation: Int32) -> Duration? {
        presentations[generation]?.filter { $0.issued != nil }.map(\.end).min()
    }

    func firstUse(of generation: Int32) -> Duration? { firstUses[generation] }

    /// When it was written down for sure that an access token of the generation was used.
    func recordedUse(of generation: Int32, rules: Rules) -> Duration? {
        operations.filter { $0.kind == .use && $0.isAccepted && $0.token?.generation == generation }
            .filter { !rules.isDisturbed($0.start...($0.end + rules.recording)) }
            .map { $0.end + rules.recording }.min()
    }

    /// When the generation's tokens may first have been issued, and when they had been for sure.
    func issue(of generation: Int32) -> (earliest: Duration, latest: Duration)? {
        guard generation > 1 else { return (birth.start, birth.end) }
        guard let earliest = earliestRotation(of: generation - 1), let latest = certainRotation(of: generation - 1) else { return nil }
        return (earliest, latest)
    }

    /// The refreshes that gave a pair, by the generation presented.
    var renewals: [Int32: [Operation]] {
        presentations.mapValues { $0.filter { $0.issued != nil } }
    }
}

extension Operation.Kind {
    /// Whether it ends the session whose token is presented.
    fileprivate var endsItsOwnSession: Bool {
        switch self {
        case .logOut, .revoke, .endAll: true
        case .register, .logIn, .use, .refresh, .endOne, .endOthers: false
        }
    }
}

extension Operation {
    /// The server says that it ended the session.
    fileprivate var isReuse: Bool { refusal == "refresh_token_reused" }

    /// Revocation by a service answers 200 for any token, and ends the session of a good one: of a refresh token that is every one
    /// ever issued (RFC 7009 §2.2).
    fileprivate var isSureOfItsSession: Bool { kind != .revoke || token?.kind == .refresh && token?.isForged == false }

    /// Whether it ends this session from another one.
    fileprivate func reaches(_ session: String) -> Bool {
        switch kind {
        case .endOne(let target): target == session
        case .endOthers, .endAll: token?.session != session
        case .register, .logIn, .use, .refresh, .logOut, .revoke: false
        }
    }
}
