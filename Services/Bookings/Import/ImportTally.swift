import Contract

/// What became of the rows so far.
struct ImportTally: Sendable {
    /// Records of the file.
    var rows = 0
    /// Confirmed by the broker.
    var sent = 0
    /// Confirmed bookings, and what they cost together.
    var confirmed = 0
    var collected = 0
    /// Rejections by reason.
    var rejected: [BookingOutcome.Reason: Int] = [:]
    /// Confirmed and cancelled since.
    var cancelled = 0
    /// Ids that stand for other requests of another time.
    var reused = 0
    /// Decided before this import began.
    var before = 0
    /// Never sent.
    var problems = 0
    /// The same request as in an earlier line.
    var repeated = 0
    /// Waited for in vain.
    var unanswered = 0

    var rejections: Int { rejected.values.reduce(0, +) }
    /// Rows with an outcome.
    var settled: Int { confirmed + rejections + cancelled + reused }
    /// Rows that need nothing more.
    var handled: Int { settled + problems + repeated + unanswered }

    mutating func add(_ outcome: BookingOutcome, before isBefore: Bool) {
        if isBefore { before += 1 }
        switch outcome.status {
        case .confirmed:
            confirmed += 1
            collected += outcome.totalPrice ?? 0
        case .rejected: rejected[outcome.reason ?? .invalidRequest, default: 0] += 1
        case .cancelled: cancelled += 1
        }
    }

    /// 0 all went well, 1 something was refused, 2 something is open.
    var status: Int32 {
        if unanswered > 0 { return 2 }
        return rejections + cancelled + reused + problems > 0 ? 1 : 0
    }
}
