import CLibpq
import Glibc
import Synchronization

/// Lets one thread sleep in `poll` until another wakes it. A burst of wake-ups costs one write, and none while the thread is
/// awake: it looks at what there is to do after ``clear()`` and before it sleeps.
final class Wakeup: Sendable {
    let descriptor: Int32
    private let isSignalled = Atomic(false)

    init() throws(PostgresError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .unavailable("eventfd: errno \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Before looking at what the wake-up is about, so that a later one is not lost.
    func clear() {
        _ = isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// The thread is awake and needs no signal until it clears.
    func wokeUp(signalled: Bool) {
        if !isSignalled.exchange(true, ordering: .acquiringAndReleasing), !signalled { return }
        drain()
    }

    /// When `poll` told of it: the write may come after the flag was cleared, and would keep `poll` from sleeping ever again.
    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Sleeps until signalled or `deadline`.
    func wait(until deadline: ContinuousClock.Instant?) {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if poll(&descriptors, 1, deadline.pollTimeout) > 0 { drain() }
        clear()
    }
}

extension Optional<ContinuousClock.Instant> {
    /// Milliseconds for `poll`, rounded up so that it does not wake before the moment; -1 for never.
    var pollTimeout: Int32 {
        guard let self else { return -1 }
        let (seconds, attoseconds) = (self - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
