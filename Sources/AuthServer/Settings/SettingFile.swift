import FoundationEssentials

/// A file that holds a secret: the one that a variable such as `DATABASE_URL_FILE` names instead of the setting itself, or the private key
/// of the server's certificate.
struct SettingFile {
    let path: String

    /// The secret, without the line ends, blanks and byte order mark that editors and secret stores add; `nil` if the file cannot be read.
    var contents: String? { (try? String(contentsOfFile: path, encoding: .utf8)).map(Self.trimmed) }

    /// Whether the permissions of the file let every user read, change or execute it.
    var isOpenToEveryUser: Bool {
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0
        return mode & 0o007 != 0
    }

    private static func trimmed(_ text: String) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\r", "\n", "\u{FEFF}"].contains(scalar) }
        let start = text.unicodeScalars.drop(while: isBlank)
        return String(String.UnicodeScalarView(start.reversed().drop(while: isBlank).reversed()))
    }
}
