import ArgumentParser
import Foundation
import Prover

/// Breaks the service while it is used, and looks whether it breaks its word.
@main
struct Prove: AsyncParsableCommand {
    enum Plant: String, ExpressibleByArgument, CaseIterable {
        /// A yes is believed for a second.
        case cache
        /// A refresh does not look whether somebody was faster.
        case unguardedRefresh = "unguarded-refresh"
        /// The token before the current one is good for ever.
        case endlessRetry = "endless-retry"
        /// PostgreSQL acknowledges commits that it has not written down.
        case lostCommits = "lost-commits"
    }

    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Runs two servers under load and faults, and checks every answer against the promises.")

    @Option(help: "How long.") var seconds = 60
    @Option(help: "Of the faults and their order.") var seed: UInt64 = .random(in: 0 ... .max)
    @Option(help: "How many ask at a time.") var clients = 24
    @Option(help: "Break only this, on a stage of its own (\(Fault.allCases.map(\.name).joined(separator: ", "))).") var fault: Fault?
    @Option(help: "Use this existing database, such as one behind a pooler, and leave out faults that need a PostgreSQL of the run's own.")
    var database: String?
    @Option(help: "A command that breaks a part of the existing database, repairs it, and then ends. It runs again and again.")
    var breaking: String?
    @Flag(help: "Break nothing.") var withoutFaults = false
    @Flag(help: "Prove what is promised of mails, with a mail server that fails in every way.") var mail = false
    @Option(help: "Put something wrong that must be found (\(Plant.allCases.map(\.rawValue).joined(separator: ", "))).") var plant: Plant?

    func validate() throws {
        guard database != nil else {
            if breaking != nil { throw ValidationError("--breaking needs --database") }
            return
        }
        if let fault, fault.needsOwnPostgres { throw ValidationError("\(fault.name) needs a PostgreSQL of its own: leave out --database") }
        if plant == .lostCommits { throw ValidationError("lost-commits needs a PostgreSQL of its own: leave out --database") }
    }

    func run() async throws {
        if let fault, fault.needsRoot, geteuid() != 0 { return print("\(fault.name) is left out: it needs root") }
        if mail { return try await proveMail() }
        let report = try await Proof(settings).run()
        print(report)
        guard let plant else {
            guard report.violations.isEmpty, report.isTelling else { throw ExitCode.failure }
            return
        }
        guard !report.violations.isEmpty else {
            print("the planted fault \(plant.rawValue) was NOT found")
            throw ExitCode.failure
        }
        print("the planted fault \(plant.rawValue) was found within \(report.elapsed)")
    }

    private func proveMail() async throws {
        var settings = MailProof.Settings()
        (settings.duration, settings.seed, settings.hasFaults) = (.seconds(seconds), seed, !withoutFaults)
        let report = try await MailProof(settings).run()
        print(report)
        guard report.violations.isEmpty, report.isTelling else { throw ExitCode.failure }
    }

    private var settings: Proof.Settings {
        get throws {
            var settings = Proof.Settings()
            settings.duration = .seconds(seconds)
            settings.seed = seed
            settings.clients = clients
            settings.hasFaults = !withoutFaults
            settings.fault = fault
            settings.database = database
            settings.breaking = breaking
            switch plant {
            case .cache, .unguardedRefresh, .endlessRetry: settings.plant = (try Self.plantedServer, [plant?.rawValue ?? ""])
            case .lostCommits: settings.databaseOptions = "-csynchronous_commit%3Doff"
            case nil: break
            }
            return settings
        }
    }

    /// Beside this program.
    private static var plantedServer: URL {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().appending(path: "planted-auth-api")
        }
    }
}

extension Fault: ExpressibleByArgument {
    public init?(argument: String) {
        guard let fault = Fault.allCases.first(where: { $0.name == argument }) else { return nil }
        self = fault
    }
}
