import Histogram

/// How long something took, as an HdrHistogram counts it: in microseconds up to an hour, exact to three digits.
///
/// Where the times are counted from when each request was due, and requests are sent however late those before them are,
/// nothing is omitted that was held up together with them ("coordinated omission"), and nothing need be added.
struct Latency: Codable, Sendable {
    /// A point of the percentile plot.
    struct Point: Codable, Sendable {
        /// Below 100, but for the last.
        let percentile: Double
        let milliseconds: Double
    }

    let count: Int
    let p50, p90, p99, p999, max, mean: Double
    /// From the median on closer and closer to 100 percent.
    let curve: [Point]

    private static let hour: UInt64 = 3_600_000_000

    /// - Parameter nanoseconds: how long each took.
    init(nanoseconds: some Sequence<UInt64>) {
        var histogram = Histogram<UInt64>(highestTrackableValue: Self.hour, numberOfSignificantValueDigits: .three)
        for time in nanoseconds { histogram.record(Swift.min(time / 1_000, Self.hour)) }
        func milliseconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1_000 }
        func percentile(_ percentile: Double) -> Double { milliseconds(histogram.valueAtPercentile(percentile)) }
        count = Int(histogram.totalCount)
        (p50, p90, p99, p999) = (percentile(50), percentile(90), percentile(99), percentile(99.9))
        let highest = percentile(100)
        max = highest
        mean = count == 0 ? 0 : histogram.mean / 1_000
        curve = histogram.percentiles(ticksPerHalfDistance: 5).map {
            // The histogram names the highest value that it can't tell from the one it was given.
            Point(percentile: $0.percentileLevelIteratedTo, milliseconds: Swift.min(milliseconds($0.value), highest))
        }
    }
}
