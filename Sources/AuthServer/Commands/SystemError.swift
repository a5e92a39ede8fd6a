import Glibc

/// The operating system's text for an error.
enum SystemError {
    /// - Parameter number: an `errno`.
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
