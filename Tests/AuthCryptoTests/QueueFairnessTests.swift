import Testing

@testable import AuthCrypto

/// The queue under attack in a time of its own: every hash takes 25 ms on one slot, 130 connections ask without pause from where the
/// attacker likes, and 25 people log in, one each 200 ms.
@Suite struct QueueFairnessTests {
    private struct Login {
        let client: String
        let isKnown: Bool
        var isHonest = false
    }

    private struct Run {
        private let start = ContinuousClock.now
        private var queue = HashQueue<Int>(slots: 1, maximumWaiting: 256, expectedTime: .milliseconds(25))
        private var use: NetworkUse
        private var events: [(at: Int, number: Int, step: Step)] = []
        private var logins: [(login: Login, at: Int, ranks: QueueRank)] = []
        private var busyUntil = 0
        private let attack: (Int) -> Login
        /// Milliseconds that each honest login took; `nil` where it was refused.
        private(set) var honest: [Int?] = []

        private enum Step { case arrive, join, work }

        init(attack: @escaping (Int) -> Login) {
            self.attack = attack
            use = NetworkUse(start: start)
        }

        private func time(_ at: Int) -> ContinuousClock.Instant { start + .milliseconds(at) }

        /// The next event is the last of the list.
        private mutating func schedule(_ step: Step, of number: Int, at: Int) {
            var (low, high) = (0, events.count)
            while low < high {
                let middle = (low + high) / 2
                if (events[middle].at, events[middle].number) > (at, number) { low = middle + 1 } else { high = middle }
            }
            events.insert((at, number, step), at: low)
        }

        private mutating func begin(_ login: Login, at: Int) {
            logins.append((login, at, .quiet))
            schedule(.arrive, of: logins.count - 1, at: at)
        }

        /// The honest logins begin when the attack has lasted for so long.
        mutating func play(after milliseconds: Int, honest login: (Int) -> Login) {
            for connection in 0..<130 { begin(attack(connection), at: connection) }
            for number in 0..<25 { begin(login(number), at: milliseconds + 200 * number) }
            let end = milliseconds + 200 * 25 + 2000
            while let event = events.popLast() {
                guard event.at <= end else { break }
                switch event.step {
                case .arrive: arrive(event.number, at: event.at)
                case .join: join(event.number, at: event.at)
                case .work: work(at: event.at)
                }
            }
        }

        private mutating func arrive(_ number: Int, at: Int) {
            let networks = ClientNetworks(of: logins[number].login.client)
            logins[number].ranks = QueueRank(use: use.count(of: networks, now: time(at)))
            use.add(networks, now: time(at))
            let kept = queue.reserve(id: UInt64(number), ranks: logins[number].ranks, deadline: time(at + 1000), now: time(at))
            kept.displaced.forEach { refuse($0, at: at) }
            // The database takes a moment to say whether the account knows the client.
            if kept.admission == .admitted { schedule(.join, of: number, at: at + 3) } else { refuse(number, at: at) }
        }

        private mutating func join(_ number: Int, at: Int) {
            if logins[number].login.isKnown {
                queue.prefer(UInt64(number))
                use.giveBack(0.75, of: ClientNetworks(of: logins[number].login.client), now: time(at))
            }
            let (admission, displaced) = queue.admit(
                number, id: UInt64(number), rank: logins[number].ranks.unknown, deadline: time(at + 1000), now: time(at))
            displaced.forEach { refuse($0, at: at) }
            if admission == .admitted { work(at: at) } else { refuse(number, at: at) }
        }

        private mutating func work(at: Int) {
            if busyUntil != 0, busyUntil <= at {
                queue.finished(after: .milliseconds(25))
                busyUntil = 0
            }
            guard busyUntil == 0 else { return }
            let next = queue.next(now: time(at))
            next.expired.forEach { refuse($0, at: at) }
            guard let number = next.job else { return }
            busyUntil = at + 25
            answer(number, took: busyUntil - logins[number].at, at: busyUntil)
            schedule(.work, of: number, at: busyUntil)
        }

        private mutating func refuse(_ number: Int, at: Int) { answer(number, took: nil, at: at + 65) }

        /// The attacker's connection asks again.
        private mutating func answer(_ number: Int, took: Int?, at: Int) {
            if logins[number].login.isHonest { honest.append(took) } else { begin(attack(logins.count), at: at) }
        }
    }

    private func expectFair(
        after milliseconds: Int, _ attack: @escaping (Int) -> Login,
        honest: (Int) -> Login = { Login(client: "203.0.113.\($0)", isKnown: true, isHonest: true) }
    ) {
        var run = Run(attack: attack)
        run.play(after: milliseconds, honest: honest)
        let inTime = run.honest.count { $0.map { $0 <= 1000 } ?? false }
        #expect(run.honest.count == 25 && inTime >= 24, "\(run.honest)")
    }

    @Test(arguments: [0, 3000]) func `RL9: one address with accounts of its own delays no other network`(milliseconds: Int) {
        let attack = { (_: Int) in Login(client: "198.51.100.1", isKnown: true) }
        expectFair(after: milliseconds, attack)
        expectFair(after: milliseconds, attack) { Login(client: "203.0.113.\($0)", isKnown: false, isHonest: true) }
    }

    @Test(arguments: [0, 3000]) func `RL9: one /48 with a /64 for each attempt delays no other network`(milliseconds: Int) {
        let attack = { (number: Int) in Login(client: "2001:db8:1:\(String(number * 7919 % 65_536, radix: 16))::1", isKnown: false) }
        expectFair(after: milliseconds, attack)
        expectFair(after: milliseconds, attack) { Login(client: "203.0.113.\($0)", isKnown: false, isHonest: true) }
    }

    @Test(arguments: [0, 3000, 20_000]) func `RL9: a thousand addresses delay no account that knows its client`(milliseconds: Int) {
        let attack = { (number: Int) in Login(client: "10.0.\(number % 1000 / 250).\(number % 250)", isKnown: false) }
        expectFair(after: milliseconds, attack)
        expectFair(after: milliseconds, attack) { _ in Login(client: "203.0.113.5", isKnown: true, isHonest: true) }
    }

    /// Who comes from a new place is a stranger as the attackers are, until they have asked more often.
    @Test func `RL9: a thousand addresses that have asked before delay nobody who comes for the first time`() {
        let attack = { (number: Int) in Login(client: "10.0.\(number % 1000 / 250).\(number % 250)", isKnown: false) }
        expectFair(after: 20_000, attack) { Login(client: "203.0.113.\($0)", isKnown: false, isHonest: true) }
    }
}
