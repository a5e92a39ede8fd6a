import ArgumentParser
import Glibc

/// An argument in the place of a command that is not a command.
struct UnknownCommand {
    private let word: String
    private let path: String
    private let commands: [any ParsableCommand.Type]

    /// `nil` if the arguments name a command, or if there is no argument in its place.
    init?(_ arguments: [String], of root: any ParsableCommand.Type) {
        var (command, path) = (root, root.configuration.commandName ?? "")
        // `help` is followed by the command that it explains.
        for argument in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            let commands = command.configuration.subcommands
            guard !argument.hasPrefix("-"), !commands.isEmpty else { return nil }
            guard let next = commands.first(where: { $0.name == argument }) else {
                (word, self.path, self.commands) = (argument, path, commands)
                return
            }
            command = next
            path += " \(argument)"
        }
        return nil
    }

    /// Lists the existing commands on standard error.
    ///
    /// - Returns: the exit status of the process.
    func report() -> ExitCode {
        let list = commands.map { [$0.name, $0.configuration.abstract] }.aligned.map { "  \($0)" }
        AuthCommand.report("'\(LogEntry.escaped(word))' is not a command. The commands of \(path) are:\n" + list.joined(separator: "\n"))
        return ExitCode(EX_USAGE)
    }
}

extension ParsableCommand {
    fileprivate static var name: String { configuration.commandName ?? _commandName }
}
