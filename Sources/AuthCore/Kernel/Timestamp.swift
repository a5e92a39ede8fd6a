/// A moment with PostgreSQL's resolution: microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Negative if `earlier` is later. The ends of the range mean infinity, so a difference beyond 64 bits becomes the nearest end.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(later.microseconds(since: earlier))
    }

    private func microseconds(since earlier: Timestamp) -> Int64 {
        let (difference, isOverflow) = microseconds.subtractingReportingOverflow(earlier.microseconds)
        guard isOverflow else { return difference }
        return microseconds > earlier.microseconds ? .max : .min
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down: the NumericDate of RFC 7519 §2.
    public var numericDate: Int64 { seconds(since: Timestamp(microseconds: 0)) }

    /// Whole seconds from `earlier` to this moment, rounded down; negative when `earlier` is later.
    public func seconds(since earlier: Timestamp) -> Int64 {
        microseconds(since: earlier).flooredDivision(by: 1_000_000).quotient
    }
}

extension Timestamp: CustomStringConvertible {
    /// The moment as RFC 3339 §5.6 writes it, in UTC with six decimals: `2026-01-31T23:59:59.000001Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { write(to: $0) }
    }

    public static let textLength = 27

    /// The format has four digits for a year. A moment outside this range is written as the nearest end.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    /// Writes the octets of ``description``.
    ///
    /// - Returns: ``textLength``.
    @discardableResult
    public func write(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let moment = min(max(microseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let (days, microsecondOfDay) = moment.flooredDivision(by: 86_400_000_000)
        let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
        let second = microsecondOfDay / 1_000_000
        var end = 0
        func put(_ number: Int64, digits: Int, then separator: Unicode.Scalar) {
            var rest = number
            for index in (end..<end + digits).reversed() {
                text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            text[end + digits] = UInt8(ascii: separator)
            end += digits + 1
        }
        put(year, digits: 4, then: "-")
        put(month, digits: 2, then: "-")
        put(day, digits: 2, then: "T")
        put(second / 3600, digits: 2, then: ":")
        put(second / 60 % 60, digits: 2, then: ":")
        put(second % 60, digits: 2, then: ".")
        put(microsecondOfDay % 1_000_000, digits: 6, then: "Z")
        return end
    }

    /// The proleptic Gregorian date of a day number, by the era arithmetic of Hinnant's `civil_from_days`.
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
