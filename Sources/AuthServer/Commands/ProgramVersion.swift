import NIOConcurrencyHelpers

/// The release of this program, and the commit that it was built from.
enum ProgramVersion {
    static let release = "0.1.0"

    private static let builtFrom = NIOLockedValueBox("unknown")

    /// Set once by the executable: only its module knows the commit.
    static var commit: String {
        get { builtFrom.withLockedValue { $0 } }
        set { builtFrom.withLockedValue { $0 = newValue } }
    }

    /// One line for `auth-api --version`.
    static var text: String { "auth-api \(release) (commit \(commit))" }
}
