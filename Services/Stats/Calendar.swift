import Contract
import Glibc

/// The days of one time zone, by the system's time zone database.
struct Calendar: Sendable {
    /// Makes `name` the process' time zone, which only ``day(of:)`` looks at.
    /// - Returns: `nil` where the database has no such zone.
    init?(timeZone name: String) {
        let isPlain = !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        guard isPlain, Self.isZone("/usr/share/zoneinfo/" + name) else { return nil }
        setenv("TZ", ":" + name, 1)
        tzset()
    }

    /// Whether a file is a time zone: the folder has tables and folders, too.
    private static func isZone(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        var magic = [UInt8](repeating: 0, count: 4)
        return fread(&magic, 1, 4, file) == 4 && magic == Array("TZif".utf8)
    }

    /// The local date at a time, such as `2026-11-21`.
    func day(of time: Timestamp) -> String {
        var seconds = time_t(time.milliseconds / 1000)
        var local = tm()
        localtime_r(&seconds, &local)
        return Day(of: time, secondsFromGMT: local.tm_gmtoff).description
    }
}
