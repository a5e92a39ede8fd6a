extension Timestamp {
    /// The moment that a date-time of RFC 3339 §5.6 names, with at most six decimals and no leap second:
    /// `2026-01-31T23:59:59Z`, `2026-02-01T00:59:59.000001+01:00`. `nil` for any other text.
    public init?(rfc3339 text: String) {
        let octets = Array(text.utf8)
        guard octets.count >= 20, let time = Self.localTime(octets[..<19]) else { return nil }
        var rest = octets[19...]
        guard let fraction = Self.fraction(&rest), let offset = Self.offset(rest) else { return nil }
        self.init(microseconds: time + fraction - offset * 60_000_000)
    }

    /// Of `2026-01-31T23:59:59`, as if it were UTC. `nil` for a date that the calendar does not have: written again, it is another text.
    private static func localTime(_ octets: ArraySlice<UInt8>) -> Int64? {
        let text = Array(octets)
        let fields = [(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2)].compactMap { number(text[$0..<$0 + $1]) }
        guard fields.count == 6, text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") else { return nil }
        let days = daysSinceEpoch(year: fields[0], month: fields[1], day: fields[2])
        let moment = Timestamp(microseconds: (((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5]) * 1_000_000)
        let written = String(decoding: text[..<10] + [UInt8(ascii: "T")] + text[11...], as: UTF8.self)
        return moment.description.utf8.starts(with: written.utf8) ? moment.microseconds : nil
    }

    /// Takes `.000001` away; 0 if there is none.
    private static func fraction(_ octets: inout ArraySlice<UInt8>) -> Int64? {
        guard octets.first == UInt8(ascii: ".") else { return 0 }
        let digits = octets.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        octets = octets.dropFirst(digits.count + 1)
        guard (1...6).contains(digits.count) else { return nil }
        return number(digits + Array(repeating: UInt8(ascii: "0"), count: 6 - digits.count))
    }

    /// Minutes east of `Z` or `+01:00`.
    private static func offset(_ octets: ArraySlice<UInt8>) -> Int64? {
        let text = Array(octets)
        if text == [UInt8(ascii: "Z")] || text == [UInt8(ascii: "z")] { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = number(text[1..<3]), let minutes = number(text[4...]),
            hours < 24, minutes < 60
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> Int64? {
        guard octets.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return octets.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// The inverse of the date in ``description``, by Hinnant's `days_from_civil`.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
