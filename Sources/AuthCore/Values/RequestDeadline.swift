/// The moment by which the request being served must be answered; waiting beyond it serves nobody.
public enum RequestDeadline {
    @TaskLocal public static var current: ContinuousClock.Instant?
}
