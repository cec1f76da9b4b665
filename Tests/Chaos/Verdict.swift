/// What the checker says of a run; the report is made of it.
struct Verdict: Codable, Sendable {
    /// What the run was asked for; the same values with the same seed send the same commands and schedule the same
    /// faults, though not the same interleaving.
    struct Setup: Codable, Sendable {
        var seed: UInt64
        var seconds: Int
        var replicas: Int
        /// Commands a second offered.
        var rate: Int
        var faults: [String]
        /// The deployment it ran against, without credentials; nil for private servers.
        var deployment: String?
        /// How all replicas were replaced instead of faults; nil where they were not.
        var rollout: Rollout?

        struct Rollout: Codable, Sendable {
            /// `sigterm` or `sigkill`.
            var signal: String
            var rounds: Int
            /// The folder of the executables of another version, between which and ours it went to and fro.
            var from: String?
        }
    }
    /// What is counted, in Jepsen's words.
    struct Counts: Codable, Sendable {
        /// Commands sent, by kind (`booking.request`, `twin`, `booking.cancel`, `unreadable` …).
        var commands: [String: Int] = [:]
        /// Commands that the broker confirmed to the client.
        var confirmed = 0
        /// Commands of which the client never learned whether the broker has them.
        var unknown = 0
        /// Of the unknown ones, those that took effect.
        var recovered = 0
        /// Confirmed, but without effect.
        var lost = 0
        /// With more than one effect.
        var duplicated = 0
        /// Effects that nobody asked for, or other ones than the rules allow.
        var unexpected = 0
        /// Outcomes by status or reason.
        var outcomes: [String: Int] = [:]
        /// Announcements of the same event beyond the first, byte for byte the same.
        var announcedAgain = 0
        /// Dead letters that must be there.
        var deadLettersExpected = 0
        /// Dead letters that are there.
        var deadLetters = 0
        /// Dead letters that should have been handled.
        var bystanders = 0
        /// Processes ended with SIGKILL, servers included.
        var kills = 0
    }
    /// One thing that is wrong.
    struct Finding: Codable, Sendable {
        /// `lost`, `duplicated`, `unexpected`, `bystander` or `slow`.
        var kind: String
        /// Whose: a request id, destination, flight, address or figure.
        var subject: String
        var problem: String
    }
    /// A gap between two steps of a service's work, in which it was killed on purpose.
    struct Gap: Codable, Sendable {
        /// The queue that it consumes.
        var queue: String
        /// The kind of message: its routing key.
        var key: String
        /// `received`, `stored`, `published`, `confirmed` or `acked`.
        var gap: String
        /// How often it was killed there.
        var hits: Int
    }

    /// How a replica was replaced.
    struct Handover: Codable, Sendable {
        /// Such as `pricing/0`.
        var replica: String
        /// Seconds from the signal until the process had ended.
        var ending: Double
        /// Seconds from then until its successor was ready; nil where it was not within two minutes.
        var starting: Double?
    }
    /// From when a request is to be sent until its outcome is seen, in seconds.
    struct Latency: Codable, Sendable {
        var p50: Double
        var p99: Double
        var longest: Double
        /// The highest 99th percentile of any ten seconds.
        var worstP99: Double
    }

    var setup: Setup
    var counts = Counts()
    var findings: [Finding] = []
    var gaps: [Gap] = []
    var handovers: [Handover] = []
    /// Nil where there was no outcome.
    var latency: Latency?
    var timeline = Timeline()

    /// Whether nothing is wrong.
    var isValid: Bool { findings.isEmpty }
}
