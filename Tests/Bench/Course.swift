import Dispatch
import Synchronization

/// Nanoseconds of the machine's clock that nobody sets.
var steadyNow: UInt64 { DispatchTime.now().uptimeNanoseconds }

/// When the requests of one measurement are due.
struct Schedule: Sendable {
    /// When the first is.
    var start: UInt64
    /// Requests a second; nil for as fast as the broker confirms them.
    let rate: Double?

    /// When the request at an index is due. It does not wait for those before it: what comes late because the system held
    /// them up is late by the whole time.
    func due(_ index: Int) -> UInt64 {
        guard let rate else { return start }
        return start + UInt64(Double(index) / rate * 1e9)
    }
}

/// What becomes of the requests of one measurement; publisher and listener write into it from their threads.
final class Course: Sendable {
    /// Times of the steady clock, 0 where something has not happened.
    struct Journal: Sendable {
        var schedule: Schedule
        /// How many have been sent.
        var sent = 0
        /// When the broker had confirmed each request.
        var confirmed: [UInt64]
        /// When each request's outcome arrived.
        var arrived: [UInt64]
        var confirmedCount = 0
        /// The index of the first that is not confirmed.
        var oldest = 0
        var arrivedCount = 0
        /// Outcomes that came again.
        var duplicates = 0
        /// Outcomes other than a confirmed booking.
        var rejected = 0
        /// When the last outcome arrived.
        var last: UInt64 = 0
    }

    /// The number of its first request.
    let first: Int
    let count: Int
    private let state: Mutex<Journal>
    private let stopped = Atomic(false)

    init(first: Int, count: Int, rate: Double?) {
        self.first = first
        self.count = count
        let none = [UInt64](repeating: 0, count: count)
        state = Mutex(Journal(schedule: Schedule(start: steadyNow, rate: rate), confirmed: none, arrived: none))
    }

    var journal: Journal { state.withLock { $0 } }
    /// How many requests the broker has confirmed, and how many outcomes have arrived.
    var counts: (confirmed: Int, arrived: Int) { state.withLock { ($0.confirmedCount, $0.arrivedCount) } }

    /// The first request is due now.
    func begin() -> Schedule {
        state.withLock { journal in
            journal.schedule.start = steadyNow
            return journal.schedule
        }
    }

    /// So many have been sent.
    func send(_ count: Int) { state.withLock { $0.sent = count } }

    /// The broker has confirmed the request that was published as the `tag`th, and all before it where `multiple`.
    func confirm(_ tag: Int, multiple: Bool) {
        let now = steadyNow
        state.withLock { journal in
            for index in (multiple ? min(journal.oldest, tag) : tag - 1)..<tag where journal.confirmed[index] == 0 {
                journal.confirmed[index] = now
                journal.confirmedCount += 1
            }
            while journal.oldest < count, journal.confirmed[journal.oldest] != 0 { journal.oldest += 1 }
        }
    }

    /// An outcome has arrived.
    func arrive(_ number: Int, isConfirmed: Bool) {
        let (now, index) = (steadyNow, number - first)
        guard 0..<count ~= index else { return }
        state.withLock { journal in
            guard journal.arrived[index] == 0 else {
                journal.duplicates += 1
                return
            }
            journal.arrived[index] = now
            journal.arrivedCount += 1
            if !isConfirmed { journal.rejected += 1 }
            journal.last = now
        }
    }

    /// Publishes nothing more.
    func stop() { stopped.store(true, ordering: .relaxed) }
    var isStopped: Bool { stopped.load(ordering: .relaxed) }
}
