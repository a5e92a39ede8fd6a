import AuthCore
import Testing

@Suite struct TimestampTests {
    /// Computed with Python's datetime.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_709_164_799_999_999, "2024-02-28T23:59:59.999999Z"),
        (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
        (1_767_225_600_000_001, "2026-01-01T00:00:00.000001Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
    ])
    func `a moment is written as RFC 3339 has it`(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test func `seconds between two moments are rounded down`() {
        let moment = Timestamp(microseconds: 10_000_000)
        #expect(Timestamp(microseconds: 13_599_999).seconds(since: moment) == 3)
        #expect(moment.seconds(since: Timestamp(microseconds: 10_000_001)) == -1)
        #expect(moment.seconds(since: moment) == 0)
    }
}
