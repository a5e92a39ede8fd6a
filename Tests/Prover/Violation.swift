/// An invariant that did not hold, and what shows it.
package struct Violation: Sendable {
    /// As docs/sessions.md numbers them.
    package enum Invariant: String, CaseIterable, Sendable {
        case acknowledgedEnd = "I1 an acknowledged end is never violated"
        case deadToken = "I2 no dead or foreign token is accepted"
        case oneSuccessor = "I3 at most one successor of a generation"
        case visibleChange = "I5 an acknowledged change is visible"
        case converging = "I6 a retry converges"
        case honestFailure = "I7 our failures are 503, and wrong answers never come"
        case audited = "I8 every change has its row in the audit trail"
    }

    package let invariant: Invariant
    /// The operation that should not have ended as it did.
    package let culprit: Operation?
    package let reason: String
    /// What was done to the session before.
    package let history: [Operation]

    init(_ invariant: Invariant, _ culprit: Operation?, _ reason: String, history: [Operation] = []) {
        (self.invariant, self.culprit, self.reason, self.history) = (invariant, culprit, reason, history)
    }
}

extension Violation: CustomStringConvertible {
    private static let shownHistory = 30

    package var description: String {
        let lines = history.sorted { $0.start < $1.start }.suffix(Self.shownHistory).map { operation in
            "  \(operation.number == culprit?.number ? "→" : " ") \(operation)"
        }
        return (["VIOLATION of \(invariant.rawValue): \(reason)"] + (culprit.map { ["  \($0)"] } ?? []) + ["  its history:"] + lines)
            .joined(separator: "\n")
    }
}
