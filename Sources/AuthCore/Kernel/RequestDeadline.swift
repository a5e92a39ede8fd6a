/// The moment by which the request being served must be answered. Waiting longer is of no use.
public enum RequestDeadline {
    @TaskLocal public static var current: ContinuousClock.Instant?
}
