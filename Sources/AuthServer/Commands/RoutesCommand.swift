import ArgumentParser

/// What clients can ask.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Print all routes, who may call them, and what the fast path does with them.")

    @Flag(help: "Print them as docs/guide.md has them.") var markdown = false

    func run() { print(markdown ? RoutesTable.markdown : RoutesTable.text, terminator: "") }
}
