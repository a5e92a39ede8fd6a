import NIOConcurrencyHelpers
import ServerTestSupport

/// What was asked for, and what the mail server got.
package final class MailHistory: Sendable {
    /// Somebody asked for a mail.
    package struct Cause: Hashable, Sendable {
        package enum Kind: String, Sendable {
            /// A registration, whose mail verifies the address.
            case verify
            /// A forgotten password.
            case reset
        }

        package let kind: Kind
        package let address: String
        package let start: Duration
        /// Whether the answer was 2xx. Otherwise it is not known, or there is no mail.
        package let isAcknowledged: Bool

        package init(_ kind: Kind, _ address: String, start: Duration, isAcknowledged: Bool) {
            (self.kind, self.address, self.start, self.isAcknowledged) = (kind, address, start, isAcknowledged)
        }
    }

    /// The mail server took a mail, or refused it for good.
    package struct Delivery: Hashable, Sendable {
        package let kind: Cause.Kind
        package let address: String
        package let messageID: String
        package let time: Duration
        /// The token of its link.
        package let token: String

        package init(_ kind: Cause.Kind, _ address: String, messageID: String, time: Duration, token: String = "") {
            (self.kind, self.address, self.messageID, self.time, self.token) = (kind, address, messageID, time, token)
        }
    }

    private struct State {
        var causes: [Cause] = []
        var deliveries: [Delivery] = []
        var refused: Set<String> = []
    }

    private let state = NIOLockedValueBox(State())
    private let start = ContinuousClock.now

    package init() {}

    package var now: Duration { .now - start }
    package var causes: [Cause] { state.withLockedValue(\.causes) }
    package var deliveries: [Delivery] { state.withLockedValue(\.deliveries) }
    /// Addresses that the mail server refused for good.
    package var refused: Set<String> { state.withLockedValue(\.refused) }

    package func add(_ cause: Cause) { state.withLockedValue { $0.causes.append(cause) } }
    package func add(_ delivery: Delivery) { state.withLockedValue { $0.deliveries.append(delivery) } }
    package func refuse(_ address: String) { state.withLockedValue { _ = $0.refused.insert(address) } }
}

extension ContinuousClock.Instant {
    fileprivate static func - (later: ContinuousClock.Instant, earlier: ContinuousClock.Instant) -> Duration { earlier.duration(to: later) }
}
