/// Every problem of the configuration at once.
struct ConfigurationError: Error, CustomStringConvertible {
    let problems: [String]

    var description: String {
        "the configuration has \(problems.count == 1 ? "a problem" : "\(problems.count) problems"):"
            + problems.map { "\n  - \($0)" }.joined()
    }
}
