/// What a run did, and what it found.
package struct Report: Sendable {
    package let seed: UInt64
    package let elapsed: Duration
    package let operations: [Operation]
    let faults: [Fault: Int]
    let recoveries: [Fault: Duration]
    package let violations: [Violation]

    private static let shownViolations = 5
    private static let fewestAcceptances = 100

    /// Whether so much was accepted that its being right says something.
    package var isTelling: Bool { operations.count { $0.kind == .use && $0.isAccepted } >= Self.fewestAcceptances }
}

extension Report: CustomStringConvertible {
    package var description: String {
        let lines = [header] + operationLines + faultLines + ["sessions \(opened), lost answers of refreshes told again \(converged)"]
        return (lines + violations.prefix(Self.shownViolations).map(\.description) + [verdict]).joined(separator: "\n")
    }

    private var header: String {
        "seed \(seed), \(elapsed.milliseconds / 1000) s, \(operations.count) operations, \(faults.values.reduce(0, +)) faults"
    }

    private var operationLines: [String] {
        Dictionary(grouping: operations, by: \.kind.name).sorted { $0.key < $1.key }.map { name, operations in
            let counts = Dictionary(grouping: operations, by: \.outcome.name).mapValues(\.count).sorted { $0.key < $1.key }
            return "  \(name): \(operations.count) (\(counts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))"
        }
    }

    private var faultLines: [String] {
        faults.sorted { $0.key.rawValue < $1.key.rawValue }.map { fault, count in
            "  \(count) × \(fault.rawValue)"
                + (recoveries[fault].map { ", then a registration on every instance within \($0.milliseconds) ms" } ?? "")
        }
    }

    private var opened: Int { operations.count { $0.kind == .logIn && $0.isAccepted } }

    /// Refreshes that gave a pair to somebody whose first try was lost.
    private var converged: Int {
        let lost = Set(operations.filter { $0.kind == .refresh && $0.outcome.name == "unknown" }.compactMap(\.token))
        return Set(operations.filter { $0.kind == .refresh && $0.isAccepted }.compactMap(\.token)).intersection(lost).count
    }

    private var verdict: String {
        violations.isEmpty
            ? (isTelling ? "no violation" : "hardly anything was accepted: this says nothing") : "\(violations.count) VIOLATIONS"
    }
}

extension Operation.Kind {
    fileprivate var name: String {
        switch self {
        case .register: "register"
        case .logIn: "login"
        case .use: "use"
        case .refresh: "refresh"
        case .logOut: "logout"
        case .endOne: "revoke one"
        case .endOthers: "revoke others"
        case .endAll: "logout everywhere"
        case .revoke: "revocation by a service"
        }
    }
}

extension Operation.Outcome {
    fileprivate var name: String {
        switch self {
        case .accepted, .issued: "ok"
        case .refused: "refused"
        case .failed: "not sent"
        case .unknown: "unknown"
        case .wrong: "WRONG"
        }
    }
}
