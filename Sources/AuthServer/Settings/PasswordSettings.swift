import AuthCore
import AuthCrypto
import FoundationEssentials

/// Which passwords are allowed, and what hashing them costs.
struct PasswordSettings: Sendable {
    let policy: PasswordPolicy
    /// `nil` if there is none.
    let blocklist: PasswordBlocklistFile?
    let argon2: Argon2Parameters
    /// Hashes at one time. Never 0.
    let slots: Int

    static let minimumLength = Setting(
        "PASSWORD_MIN_LENGTH", .integer(8...PasswordPolicy.maximumLength), default: "8", "The shortest password, in Unicode code points.")
    static let minimumStrength = Setting(
        "PASSWORD_MIN_STRENGTH", .integer(0...4), default: "0", production: "3",
        "The weakest password, by zxcvbn's score. 0 turns the check off.")
    static let blocklistFile = Setting(
        "PASSWORD_BLOCKLIST_FILE", .text("a file of script/make-blocklist or none"), default: "none",
        "A list of stolen passwords, which nobody may choose. The file is opened again on SIGHUP.")
    static let memory = Setting(
        "ARGON2_MEMORY_KIB", .integer(Argon2Parameters.floor.memoryKiB...Argon2Parameters.maximumMemoryKiB), default: "19456",
        "The memory of one Argon2id hash, in KiB.")
    static let iterations = Setting(
        "ARGON2_ITERATIONS", .integer(Argon2Parameters.floor.iterations...Argon2Parameters.maximumIterations), default: "2",
        "The passes of one hash.")
    static let slots = Setting(
        "ARGON2_SLOTS", .integer(0...64), default: "0", "Hashes at one time. 0 means one for each core but one.")

    init(_ read: inout SettingReader) {
        read.section = "Passwords"
        policy = PasswordPolicy(minimumLength: read(Self.minimumLength), minimumStrength: read(Self.minimumStrength))
        blocklist = Self.openBlocklist(&read)
        argon2 = Argon2Parameters(memoryKiB: read(Self.memory), iterations: read(Self.iterations))
        let slots = read(Self.slots)
        self.slots = slots > 0 ? slots : Self.slotsLeavingOneCore
        read.requireInProduction(
            policy.minimumStrength > 0, Self.minimumStrength, "allows the commonest passwords, which production does not allow")
    }

    private static func openBlocklist(_ read: inout SettingReader) -> PasswordBlocklistFile? {
        let path = read(blocklistFile)
        guard path != "none" else { return nil }
        do throws(PasswordBlocklistProblem) {
            return try PasswordBlocklistFile(path: path)
        } catch {
            read.refuse(blocklistFile, error.reason)
            return nil
        }
    }

    /// The last core answers requests. Priorities of threads do not protect PostgreSQL: the kernel schedules it in a group of its own.
    private static let slotsLeavingOneCore = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
}
