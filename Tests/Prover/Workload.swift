/// What one client does, again and again, at random: mostly it uses tokens, now and then it changes something, and after each change
/// it looks whether any instance still accepts the old.
struct Workload: Sendable {
    let client: Client
    let shelf: Shelf
    let servers: Servers

    /// Sessions that should live at any time; logins cost the most.
    private static let wantedSessions = 80
    private static let wantedAccounts = 30
    /// Some people refresh so seldom that what they replaced is long over.
    private static func interval(of known: Shelf.Live) -> Duration {
        known.account.utf8.reduce(0) { $0 + Int($1) }.isMultiple(of: 2) ? .seconds(40) : .milliseconds(1500)
    }

    func step() async {
        if shelf.accounts.count < Self.wantedAccounts, Int.random(in: 0..<20) == 0 || shelf.accounts.isEmpty { return await register() }
        if shelf.liveCount < Self.wantedSessions, Int.random(in: 0..<8) == 0 || shelf.live.isEmpty { return await logIn() }
        switch Int.random(in: 0..<100) {
        case 0..<40: await use()
        case 40..<46: await useOld()
        case 46..<52: await haunt()
        case 52..<56: await forge()
        case 56..<89: await refresh()
        case 89..<92 where shelf.take(.replay, every: .milliseconds(400)): await replay()
        case 92..<99 where shelf.take(.end, every: .milliseconds(250)): await endSomething()
        case 99: await registerAgain()
        default: await use()
        }
    }

    private func endSomething() async {
        switch Int.random(in: 0..<16) {
        case 0..<4: await end(.logOut)
        case 4..<8: await endOne()
        case 8..<10: await end(.endOthers)
        case 10: await end(.endAll)
        default: await revoke()
        }
    }

    private var anywhere: Int { servers.indices.randomElement() ?? 0 }

    private func register() async {
        let account = "p\(UInt64.random(in: 0 ... .max))@example.org"
        for _ in 0..<20 {
            let operation = await client.register(account, on: anywhere)
            if operation.isAccepted || operation.refusal != nil { return shelf.registered(account) }
        }
    }

    private func registerAgain() async {
        guard let account = shelf.accounts.randomElement() else { return }
        _ = await client.register(account, on: anywhere)
    }

    private func logIn() async {
        guard let account = shelf.accounts.randomElement() else { return }
        if let pair = await client.logIn(account, on: anywhere).issued { shelf.learn(pair, of: account) }
    }

    private func use() async {
        guard let known = shelf.live.randomElement() else { return }
        await note(await use(known.latest.access, of: known.account), known)
    }

    /// One that was replaced: in its grace it is good, later it is not.
    private func useOld() async {
        guard let known = shelf.live.randomElement(), let pair = known.pairs.dropLast().suffix(3).randomElement() else { return }
        _ = await use(pair.access, of: known.account)
    }

    private func haunt() async {
        guard let (account, token) = shelf.dead.randomElement() else { return }
        _ = await ask(token, of: account, on: anywhere)
    }

    private func forge() async {
        guard let known = shelf.live.randomElement() else { return }
        let token = Bool.random() ? known.latest.access : known.latest.refresh
        _ = await ask(token.forged(), of: known.account, on: anywhere)
    }

    /// Tabs that refresh together, on any instance.
    private func refresh() async {
        guard let known = shelf.live.randomElement(), shelf.takeRefresh(of: known.session, interval: Self.interval(of: known))
        else { return }
        let presented = known.latest.refresh
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Int.random(in: 1...4) {
                group.addTask {
                    let operation = await client.refresh(presented, of: known.account, on: anywhere)
                    if let pair = operation.issued { shelf.learn(pair, of: known.account) }
                    await note(operation, known)
                }
            }
        }
    }

    /// A thief's: an older refresh token, after which the session is dead, unless it may be a retry.
    private func replay() async {
        guard let known = shelf.live.randomElement(), let old = known.pairs.dropLast().suffix(2).randomElement() else { return }
        await note(await client.refresh(old.refresh, of: known.account, on: anywhere), known)
    }

    private func end(_ kind: Operation.Kind) async {
        guard let known = shelf.live.randomElement() else { return }
        let doomed =
            switch kind {
            case .endAll: shelf.sessions(of: known.account).map(\.session)
            case .endOthers: shelf.sessions(of: known.account).map(\.session).filter { $0 != known.session }
            default: [known.session]
            }
        await giveUp(doomed, of: known.account) { await client.end(kind, with: known.latest.access, of: known.account, on: anywhere) }
    }

    private func endOne() async {
        guard let known = shelf.live.randomElement(), let target = shelf.sessions(of: known.account).randomElement() else { return }
        await giveUp([target.session], of: known.account) {
            await client.end(.endOne(target.session), with: known.latest.access, of: known.account, on: anywhere)
        }
    }

    private func revoke() async {
        guard let known = shelf.live.randomElement() else { return }
        let token = Bool.random() ? known.latest.access : known.latest.refresh
        await giveUp([known.session], of: known.account) { await client.revoke(token, of: known.account, on: anywhere) }
    }

    /// From here on no client counts on the sessions. Once their end is acknowledged, many clients ask about them together.
    private func giveUp(_ sessions: [String], of account: String, _ work: () async -> Operation) async {
        let tokens = sessions.map { shelf.giveUp($0) }
        guard await work().isAccepted else { return }
        await withTaskGroup(of: Void.self) { group in
            for token in tokens.flatMap({ $0.prefix(2) }).prefix(8) {
                for instance in servers.indices { group.addTask { _ = await ask(token, of: account, on: instance) } }
            }
        }
    }

    private func ask(_ token: Token, of account: String, on instance: Int) async -> Operation {
        switch token.kind {
        case .access: await client.use(token, of: account, on: instance, by: Client.Asking.allCases.randomElement() ?? .verify)
        case .refresh: await client.refresh(token, of: account, on: instance)
        }
    }

    private func use(_ token: Token, of account: String) async -> Operation { await ask(token, of: account, on: anywhere) }

    /// A refused token is not asked about for ever.
    private func note(_ operation: Operation, _ known: Shelf.Live) async {
        guard operation.refusal != nil else { return }
        let isExpired = operation.token?.kind == .access
        if isExpired, shelf.takeRefresh(of: known.session, interval: .zero) {
            await note(await renewed(known), known)
        } else {
            shelf.giveUp(known.session)
        }
    }

    private func renewed(_ known: Shelf.Live) async -> Operation {
        let operation = await client.refresh(known.latest.refresh, of: known.account, on: anywhere)
        if let pair = operation.issued { shelf.learn(pair, of: known.account) }
        return operation
    }

    /// A last look at everything, when all is quiet.
    func lastLook() async {
        for known in shelf.live {
            for instance in servers.indices { _ = await client.use(known.latest.access, of: known.account, on: instance, by: .verify) }
        }
        for (account, token) in shelf.dead.suffix(100) {
            for instance in servers.indices { _ = await ask(token, of: account, on: instance) }
        }
    }
}
