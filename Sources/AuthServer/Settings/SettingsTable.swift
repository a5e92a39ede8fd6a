/// All settings, as the documentation shows them.
enum SettingsTable {
    /// Everything that a start reads, in that order.
    static let entries: [SettingEntry] = {
        var reader = SettingReader.ofDefaults
        _ = ServerConfiguration(&reader)
        return reader.entries
    }()

    /// The table of docs/configuration.md.
    static var markdown: String {
        sections { section, entries in
            let rows = entries.map { entry in
                let production = entry.productionDefault.map { ", in production `\($0)`" } ?? ""
                let fallback = entry.defaultText.map { "`\($0)`\(production)" } ?? "required"
                return "| `\(entry.name)` | \(fallback) | \(entry.values) | \(entry.meaning) |\n"
            }
            return "### \(section)\n\n| Variable | Default | Values | Meaning |\n|---|---|---|---|\n" + rows.joined()
        }
    }

    /// The file `.env.example`.
    static var environmentFile: String {
        """
        # Copy to .env, take away the # before what you want to change. Each line shows the default.
        # The environment wins over .env; NAME_FILE reads a secret from a file.
        # Values may stand in quotes; a # after a blank begins a comment. script/server and docker-compose read it alike.


        """
            + sections { section, entries in
                "# --- \(section)\n\n" + entries.map(environmentLines).joined(separator: "\n")
            }
    }

    private static func environmentLines(_ entry: SettingEntry) -> String {
        let production = entry.productionDefault.map { "; in production the default is \($0)" } ?? ""
        return "# \(entry.meaning)\n# \(entry.values)\(production)\n#\(entry.name)=\(entry.defaultText ?? "")\n"
    }

    /// For people at a terminal of the usual width.
    static var text: String {
        sections { section, entries in "\(section)\n\n" + entries.map(paragraph).joined(separator: "\n") }
    }

    private static func paragraph(_ entry: SettingEntry) -> String {
        let fallback = entry.defaultText.map { "default \($0)" } ?? "required"
        let production = entry.productionDefault.map { ", in production \($0)" } ?? ""
        return "  \(entry.name)  (\(fallback)\(production))\n"
            + (wrapped(entry.meaning) + wrapped(entry.values)).map { "      \($0)\n" }.joined()
    }

    /// Lines of at most so many characters.
    private static func wrapped(_ text: String, width: Int = 74) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }

    private static func sections(_ body: (_ section: String, _ entries: [SettingEntry]) -> String) -> String {
        var names: [String] = []
        for entry in entries where names.last != entry.section { names.append(entry.section) }
        return names.map { name in body(name, entries.filter { $0.section == name }) }.joined(separator: "\n")
    }
}
