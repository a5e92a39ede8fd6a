import Glibc

extension ServerProcess {
    /// The processor time that all its threads have used, whatever else the machine does.
    package func processorTime() -> Duration {
        var (clock, time) = (clockid_t(), timespec())
        clock_getcpuclockid(processID, &clock)
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
