import FoundationEssentials

/// One file of `sql/`, such as `0001_accounts_tables.sql`.
public struct MigrationFile: Hashable, Sendable {
    public let number: Int
    public let name: String
    public let script: String

    public init(number: Int, name: String, script: String) {
        self.number = number
        self.name = name
        self.script = script
    }

    /// The migrations of a folder in order.
    ///
    /// - Throws: ``SchemaError`` where the folder cannot be read, has none, or their numbers are not 0, 1, 2…
    public static func all(in directory: String) throws(SchemaError) -> [MigrationFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .unreadableFolder
        }
        var files = [MigrationFile]()
        for name in names where name.hasSuffix(".sql") { files.append(try read(name, in: directory)) }
        files.sort { left, right in left.number < right.number }
        guard !files.isEmpty, files.map(\.number) == Array(0..<files.count) else { throw .brokenSequence }
        return files
    }

    private static func read(_ name: String, in directory: String) throws(SchemaError) -> MigrationFile {
        let stem = name.dropLast(".sql".count)
        let parts = stem.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 4, let number = Int(parts[0]), number >= 0 else { throw .misnamedFile(name) }
        do {
            let script = try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
            return MigrationFile(number: number, name: String(parts[1]), script: script)
        } catch {
            throw .unreadableFile(name)
        }
    }
}
