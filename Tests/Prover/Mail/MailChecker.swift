/// Holds what the mail server got to what was asked for.
package struct MailChecker {
    /// The budget of one address in the time of a run.
    package static let budget = 3

    private let causes: [String: [MailHistory.Cause]]
    private let deliveries: [String: [MailHistory.Delivery]]
    private let refused: Set<String>

    /// - Parameter refused: addresses that the mail server refused for good.
    package init(_ causes: [MailHistory.Cause], _ deliveries: [MailHistory.Delivery], refused: Set<String> = []) {
        self.causes = Dictionary(grouping: causes) { cause in "\(cause.kind.rawValue) \(cause.address)" }
        self.deliveries = Dictionary(grouping: deliveries) { delivery in "\(delivery.kind.rawValue) \(delivery.address)" }
        self.refused = refused
    }

    /// A sentence for each broken promise.
    package func violations(allowsDuplicates: Bool = true) -> [String] {
        lost + withoutCause + beyondBudget + (allowsDuplicates ? [] : duplicates)
    }

    /// A mail that is asked for again replaces one that waits. So it is enough that one was sent after the last request began.
    private var lost: [String] {
        causes.compactMap { key, causes in
            guard let last = causes.filter(\.isAcknowledged).map(\.start).max(), !refused.contains(causes[0].address) else { return nil }
            let isSent = deliveries[key]?.contains { delivery in delivery.time >= last } ?? false
            return isSent ? nil : "\(key): asked for and acknowledged, and no mail was sent after that"
        }
    }

    private var withoutCause: [String] {
        deliveries.compactMap { key, deliveries in
            let first = causes[key]?.map(\.start).min()
            let early = deliveries.first { delivery in first.map { first in delivery.time < first } ?? true }
            return early.map { _ in "\(key): a mail that nobody had asked for" }
        }
    }

    private var beyondBudget: [String] {
        deliveries.compactMap { key, deliveries in
            let mails = Set(deliveries.map(\.messageID)).count
            return mails > Self.budget ? "\(key): \(mails) mails, and the budget is \(Self.budget)" : nil
        }
    }

    private var duplicates: [String] {
        deliveries.values.flatMap { deliveries in
            Dictionary(grouping: deliveries, by: \.messageID).filter { _, same in same.count > 1 }
                .map { id, same in "\(same[0].address): the mail \(id) was sent \(same.count) times" }
        }
    }
}
