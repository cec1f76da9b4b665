import Contract
import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Times and days, against the C library's calendar.
@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T10:00:00.123Z", 1_795_255_200_123),
            ("2026-11-21t10:00:00.123z", 1_795_255_200_123), ("2026-11-21T05:00:00.123-05:00", 1_795_255_200_123),
            ("2026-11-22T09:59:00.123+23:59", 1_795_255_200_123), ("2026-11-21T10:00:00.123-00:00", 1_795_255_200_123),
            ("2026-11-21T10:00:00.1Z", 1_795_255_200_100), ("2026-11-21T10:00:00.12Z", 1_795_255_200_120),
            ("2026-11-21T10:00:00.1239999999999999999999Z", 1_795_255_200_123), ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2016-12-31T23:59:60Z", 1_483_228_799_999), ("2016-12-31T18:59:60.5-05:00", 1_483_228_799_999),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("1999-12-31T23:59:60+00:00", 946_684_799_999),
        ] as [(String, Int64)])
    func reads(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2026-11-21T10:00Z", "2026-11-21T10:00:00.Z",
        "2026-11-21T10:00:00,1Z", "2026-11-21T10:00:00+0500", "2026-11-21T10:00:00+05", "2026-11-21T10:00:00+24:00",
        "2026-11-21T10:00:00+05:60", "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z", "2026-11-21T10:00:61Z",
        "2026-11-21T10:00:60Z", "2016-12-31T23:59:60+01:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "26-11-21T10:00:00Z", "02026-11-21T10:00:00Z", "-2026-11-21T10:00:00Z", "+2026-11-21T10:00:00Z",
        " 2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z ", "2026-11-21T10:00:00ZZ", "2026-1-21T10:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "２０２６-11-21T10:00:00Z",
        "2026-11-21T10:00:00\u{2212}05:00",
        "2026-11-21T1:00:00Z", "2026-11-21T10:00:00.1 Z", "2026-W47-6T10:00:00Z", "20261121T100000Z",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func agreesWithTheCLibrary() {
        var random = Seeded(state: 2)
        for _ in 0..<20_000 {
            let time = Timestamp(
                milliseconds: Int64.random(
                    in: Timestamp.earliest.milliseconds...Timestamp.latest.milliseconds, using: &random))
            #expect(Timestamp(time.description) == time)
            let thousandth = ((time.milliseconds % 1000) + 1000) % 1000
            var seconds = time_t((time.milliseconds - thousandth) / 1000)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let expected =
                padded(Int(parts.tm_year) + 1900, 4) + "-" + padded(Int(parts.tm_mon) + 1, 2) + "-"
                + padded(Int(parts.tm_mday), 2) + "T" + padded(Int(parts.tm_hour), 2) + ":"
                + padded(Int(parts.tm_min), 2) + ":" + padded(Int(parts.tm_sec), 2) + "." + padded(Int(thousandth), 3)
                + "Z"
            #expect(time.description == expected)
            #expect(Day(of: time).daysSince1970 * 86_400 <= seconds)
            #expect(timegm(&parts) == seconds)
        }
    }

    @Test func everyDayOfTheCalendarSurvives() {
        var count = 0
        var previous = -719_529
        for year in 0...9999 {
            for month in 1...12 {
                for number in 1...31 {
                    guard let day = Day(year: year, month: month, day: number) else { continue }
                    count += 1
                    if day.daysSince1970 != previous + 1 { Issue.record("gap before \(day)") }
                    previous = day.daysSince1970
                    let midnight = Timestamp(milliseconds: Int64(previous) * 86_400_000)
                    if Day(of: midnight) != day { Issue.record("\(day) became \(Day(of: midnight))") }
                }
            }
        }
        #expect(count == 3_652_425)
    }

    @Test func daysFollowTheClocks() {
        let time = Timestamp(milliseconds: 1_795_255_200_000 - 6 * 3_600_000)
        #expect(time.description == "2026-11-21T04:00:00.000Z")
        #expect(Day(of: time, secondsFromGMT: -5 * 3600).description == "2026-11-20")
        #expect(Day(of: time, secondsFromGMT: 20 * 3600).description == "2026-11-22")
        #expect(Day(of: Timestamp(milliseconds: .max), secondsFromGMT: .max).description == "9999-12-31")
        #expect(Day(of: Timestamp(milliseconds: .min), secondsFromGMT: .min).description == "0000-01-01")
    }

    @Test(arguments: ["2026-11-21", "0000-01-01", "9999-12-31", "2024-02-29"])
    func readsDays(_ text: String) {
        #expect(Day(text)?.description == text)
    }

    @Test(arguments: [
        "2026-11-2", "2026-11-211", "2026/11/21", "2026-02-30", "", "2026-11-21T", "x026-11-21", "26-11-21",
    ])
    func refusesDays(_ text: String) {
        #expect(Day(text) == nil)
    }

    @Test func isBoundedAndOrdered() {
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).description == "0000-01-01T00:00:00.000Z")
        #expect(Timestamp.latest.advanced(bySeconds: .max) == .latest)
        #expect(Timestamp(milliseconds: 0).advanced(bySeconds: -2).milliseconds == -2000)
        #expect(Timestamp(milliseconds: 1) < Timestamp(milliseconds: 2))
        #expect(abs(Double(Timestamp.now.milliseconds) / 1000 - Date().timeIntervalSince1970) < 5)
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}
