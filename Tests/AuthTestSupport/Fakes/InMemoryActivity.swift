public import AuthCore
import NIOConcurrencyHelpers

/// Writes each sighting immediately, and remembers it.
public final class InMemoryActivity: SessionActivity {
    private let database: InMemoryDatabase
    private let seen = NIOLockedValueBox<[Sighting]>([])

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public var sightings: [Sighting] { seen.withLockedValue(\.self) }

    public func saw(_ sighting: Sighting) {
        seen.withLockedValue { $0.append(sighting) }
        database.see(sighting)
    }
}
