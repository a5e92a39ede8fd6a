/// Every problem of the configuration together.
struct ConfigurationError: Error, CustomStringConvertible {
    let problems: [String]

    var description: String {
        "the configuration has \(problems.count == 1 ? "a problem" : "\(problems.count) problems"):"
            + problems.map { "\n  - \($0)" }.joined()
    }
}
