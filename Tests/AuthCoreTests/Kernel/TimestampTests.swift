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

    /// Computed with Python's datetime.
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29t00:00:00z", 951_782_400_000_000),
        ("2026-01-01T01:00:00.000001+01:00", 1_767_225_600_000_001),
        ("2025-12-31T12:30:00.5-11:30", 1_767_225_600_500_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ])
    func `a date-time of RFC 3339 is read`(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "now", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-1-1T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-12-31T23:59:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0000001Z", "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Z ", "+026-01-01T00:00:00Z",
        "2026-01-01T00:00:00 01:00",
    ])
    func `a text that is no date-time of RFC 3339 is none`(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `whatever moment is written is read as the same`() {
        for _ in 0..<1000 {
            let moment = Timestamp(microseconds: .random(in: -62_135_596_800_000_000...253_402_300_799_999_999))
            #expect(Timestamp(rfc3339: moment.description) == moment)
        }
    }

    @Test func `seconds between two moments are rounded down`() {
        let moment = Timestamp(microseconds: 10_000_000)
        #expect(Timestamp(microseconds: 13_599_999).seconds(since: moment) == 3)
        #expect(moment.seconds(since: Timestamp(microseconds: 10_000_001)) == -1)
        #expect(moment.seconds(since: moment) == 0)
    }

    @Test func `what lies beyond the range stops at its ends`() {
        let (first, last) = (Timestamp(microseconds: .min), Timestamp(microseconds: .max))
        #expect(last - first == .microseconds(Int64.max) && first - last == .microseconds(Int64.min))
        #expect(last.seconds(since: first) == Int64.max / 1_000_000 && first.seconds(since: last) == -9_223_372_036_855)
        #expect(first.numericDate < 0 && last.numericDate > 0)
        #expect(first.description == "0000-01-01T00:00:00.000000Z" && last.description == "9999-12-31T23:59:59.999999Z")
    }
}
