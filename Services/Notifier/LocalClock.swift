import Contract
import Glibc

/// The time of day in one time zone, by the system's time zone database.
struct LocalClock: Sendable {
    /// Makes `name` the process' time zone, which nothing else looks at.
    /// - Returns: nil where the database has no such zone.
    init?(timeZone name: String) {
        let isPlain = !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        guard isPlain, access("/usr/share/zoneinfo/" + name, R_OK) == 0 else { return nil }
        setenv("TZ", ":" + name, 1)
        tzset()
    }

    /// What clocks there show at a time.
    func local(_ time: Timestamp) -> LocalTime {
        var seconds = time_t(time.seconds)
        var local = tm()
        localtime_r(&seconds, &local)
        return LocalTime(
            year: Int(local.tm_year) + 1900, month: Int(local.tm_mon) + 1, day: Int(local.tm_mday),
            hour: Int(local.tm_hour), minute: Int(local.tm_min), offset: local.tm_gmtoff / 60)
    }
}

/// A date and a time of day as clocks show them.
struct LocalTime: Equatable {
    let year: Int
    /// 1 to 12.
    let month: Int
    let day: Int
    /// 0 to 23.
    let hour: Int
    let minute: Int
    /// Minutes east of UTC.
    let offset: Int

    /// The hour as clocks with twelve hours show it.
    var hourOfTwelve: Int { (hour + 11) % 12 + 1 }
    /// The minute with two digits.
    var minuteText: String { Self.twoDigits(minute) }

    /// Such as `UTC−5` or `UTC+5:30`.
    var offsetText: String {
        let (hours, minutes) = abs(offset).quotientAndRemainder(dividingBy: 60)
        if offset == 0 { return "UTC" }
        return "UTC\(offset < 0 ? "−" : "+")\(hours)\(minutes == 0 ? "" : ":" + Self.twoDigits(minutes))"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    var seconds: Int { Int((milliseconds - (milliseconds % 1000 + 1000) % 1000) / 1000) }
}
