import Prover
import Testing

/// The checker finds each broken promise of mails in a history.
@Suite struct MailCheckerTests {
    private static func cause(_ at: Int, _ address: String = "a", isAcknowledged: Bool = true) -> MailHistory.Cause {
        MailHistory.Cause(.reset, address, start: .seconds(at), isAcknowledged: isAcknowledged)
    }

    private static func delivery(_ at: Int, _ id: String = "1", _ address: String = "a") -> MailHistory.Delivery {
        MailHistory.Delivery(.reset, address, messageID: id, time: .seconds(at))
    }

    @Test func `a mail after each acknowledged request is right, also again with the same id`() {
        let deliveries = [Self.delivery(2), Self.delivery(3), Self.delivery(5, "2")]
        #expect(MailChecker([Self.cause(1), Self.cause(4)], deliveries).violations().isEmpty)
    }

    @Test func `a lost mail is found, unless the mail server has refused it for good`() {
        #expect(MailChecker([Self.cause(1)], []).violations().count == 1)
        #expect(MailChecker([Self.cause(1), Self.cause(4)], [Self.delivery(2)]).violations().count == 1)
        #expect(MailChecker([Self.cause(1, isAcknowledged: false)], []).violations().isEmpty)
        #expect(MailChecker([Self.cause(1)], [], refused: ["a"]).violations().isEmpty)
    }

    @Test func `a mail without a request, or before it, is found`() {
        #expect(MailChecker([], [Self.delivery(2)]).violations().count == 1)
        #expect(MailChecker([Self.cause(3)], [Self.delivery(2), Self.delivery(4)]).violations().count == 1)
        #expect(MailChecker([Self.cause(1, isAcknowledged: false)], [Self.delivery(2)]).violations().isEmpty)
    }

    @Test func `mails beyond the budget, and without faults those that are sent twice, are found`() {
        let many = (1...4).map { Self.delivery($0, "\($0)") }
        #expect(MailChecker([Self.cause(0)], many).violations().count == 1)
        #expect(MailChecker([Self.cause(0)], [Self.delivery(1), Self.delivery(2)]).violations(allowsDuplicates: false).count == 1)
    }
}
