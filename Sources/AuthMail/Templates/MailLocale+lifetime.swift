import AuthCore

extension MailLocale {
    /// How long something works, in words: "20 minutes", "24 hours", "7 days".
    ///
    /// - Parameter minutes: less than 1 counts as 1. Whole days are told as days from two days on, whole hours as hours.
    func lifetime(minutes: Int) -> String {
        let minutes = max(1, minutes)
        return switch minutes {
        case 2880... where minutes.isMultiple(of: 1440): words(minutes / 1440, .day)
        case 60... where minutes.isMultiple(of: 60): words(minutes / 60, .hour)
        default: words(minutes, .minute)
        }
    }

    private enum Unit { case day, hour, minute }

    private func words(_ number: Int, _ unit: Unit) -> String {
        let (one, many) =
            switch self {
            case .english: Self.pair(unit, (" day", " days"), (" hour", " hours"), (" minute", " minutes"))
            case .german: Self.pair(unit, (" Tag", " Tage"), (" Stunde", " Stunden"), (" Minute", " Minuten"))
            case .french: Self.pair(unit, (" jour", " jours"), (" heure", " heures"), (" minute", " minutes"))
            case .spanish: Self.pair(unit, (" día", " días"), (" hora", " horas"), (" minuto", " minutos"))
            case .japanese: Self.pair(unit, ("日間", "日間"), ("時間", "時間"), ("分間", "分間"))
            }
        return "\(number)\(number == 1 ? one : many)"
    }

    private typealias Forms = (one: String, many: String)

    private static func pair(_ unit: Unit, _ day: Forms, _ hour: Forms, _ minute: Forms) -> Forms {
        switch unit {
        case .day: day
        case .hour: hour
        case .minute: minute
        }
    }
}
