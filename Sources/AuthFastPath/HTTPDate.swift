import FoundationEssentials

/// The time as HTTP writes it (IMF-fixdate, RFC 9110 §5.6.7). The text is made once a second.
struct HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var second = Int.min
    private var cached = ""

    mutating func text(at now: Date = .now) -> String {
        let second = Int(now.timeIntervalSince1970.rounded(.down))
        if second != self.second {
            self.second = second
            cached = Self.text(second)
        }
        return cached
    }

    private static func text(_ second: Int) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(second)))
        func padded(_ number: Int?) -> String { (number! < 10 ? "0" : "") + String(number!) }
        let time = "\(padded(parts.hour)):\(padded(parts.minute)):\(padded(parts.second))"
        // 1970-01-01 was a Thursday.
        return "\(days[second / 86_400 % 7]), \(padded(parts.day)) \(months[parts.month! - 1]) \(parts.year!) \(time) GMT"
    }
}
