import ArgumentParser

/// What can be set.
struct SettingsCommand: ParsableCommand {
    enum Form: String, EnumerableFlag {
        case text, markdown, environment

        static func help(for value: Form) -> ArgumentHelp? {
            switch value {
            case .text: "For people. This is the default."
            case .markdown: "As docs/configuration.md has it."
            case .environment: "As .env.example has it."
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Print all settings with their defaults, allowed values and meanings.")

    @Flag(exclusivity: .exclusive) var form = Form.text

    func run() {
        switch form {
        case .text: print(SettingsTable.text, terminator: "")
        case .markdown: print(SettingsTable.markdown, terminator: "")
        case .environment: print(SettingsTable.environmentFile, terminator: "")
        }
    }
}
