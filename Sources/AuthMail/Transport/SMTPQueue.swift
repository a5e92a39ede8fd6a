/// The mails that wait for a connection, in the order of their arrival, and the connections that wait for a mail.
///
/// Every mail may take equally long, so the first in the queue also has the first deadline. When a connection is free again, the deadline
/// of the mail that it had is earlier than the deadlines of all mails here. So no mail waits here beyond its deadline.
struct SMTPQueue<Job: Sendable>: Sendable {
    enum Admission: Equatable {
        /// The connection with this number shall ask for its next mail.
        case wake(Int)
        case waits
        case full
        case closed
    }

    struct Entry: Sendable {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    private let maximumWaiting: Int
    private var waiting: [Entry] = []
    /// The last one had a mail most recently, so the mail server has probably not closed it.
    private var idle: [Int]
    private(set) var isClosed = false

    /// All connections wait for a mail.
    init(connections: Int, maximumWaiting: Int) {
        idle = (0..<connections).reversed()
        self.maximumWaiting = maximumWaiting
    }

    mutating func submit(_ job: Job, deadline: ContinuousClock.Instant) -> Admission {
        guard !isClosed else { return .closed }
        guard waiting.count < maximumWaiting else { return .full }
        waiting.append(Entry(job: job, deadline: deadline))
        return idle.popLast().map { .wake($0) } ?? .waits
    }

    /// - Returns: the mails whose time is over; and the next mail for this connection. If there is none, the connection is idle.
    mutating func next(for connection: Int, now: ContinuousClock.Instant) -> (expired: [Job], entry: Entry?) {
        let expired = waiting.prefix { $0.deadline <= now }
        waiting.removeFirst(expired.count)
        guard !waiting.isEmpty else {
            idle.append(connection)
            return (expired.map(\.job), nil)
        }
        return (expired.map(\.job), waiting.removeFirst())
    }

    /// - Returns: the mails that were waiting. No mail is admitted from now on.
    mutating func close() -> [Job] {
        isClosed = true
        defer { waiting = [] }
        return waiting.map(\.job)
    }
}
