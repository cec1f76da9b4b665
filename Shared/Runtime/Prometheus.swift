import CoreMetrics
import Synchronization

/// Keeps what the instruments record and writes it as Prometheus text (exposition format 0.0.4).
///
/// The names of instruments become Prometheus names: dots are underscores, counters end in `_total`, timers are
/// histograms in seconds.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    /// Bucket bounds of histograms, in seconds: those that OpenTelemetry advises for messaging.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private struct Series: Hashable {
        let name: String
        let labels: String
    }
    private let series = Mutex<[Series: any PrometheusSeries]>([:])

    /// An empty registry.
    public init() {}

    /// Everything recorded so far.
    public func text() -> String {
        let all = series.withLock { $0 }.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
        var text = ""
        var last = ""
        for (key, series) in all {
            if key.name != last { text += "# TYPE \(key.name) \(type(of: series).type)\n" }
            last = key.name
            text += series.lines(key.name, key.labels)
        }
        return text
    }

    private func find<S: PrometheusSeries>(
        _ label: String, _ suffix: String, _ dimensions: [(String, String)], _ make: () -> S
    ) -> S {
        let name = label.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() + suffix
        let labels = dimensions.map { key, value in
            let name = key.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
            return "\(name)=\"\(value.labelValue)\""
        }
        let key = Series(name: name, labels: labels.joined(separator: ","))
        return series.withLock { series in
            if let found = series[key] as? S { return found }
            let made = make()
            series[key] = made
            return made
        }
    }

    /// Makes or finds a counter (called by swift-metrics).
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, "_total", dimensions) { PrometheusCounter() }
    }

    /// Makes or finds a gauge (called by swift-metrics).
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        find(label, "", dimensions) { PrometheusGauge() }
    }

    /// Makes or finds a gauge (called by swift-metrics).
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, "", dimensions) { PrometheusGauge() }
    }

    /// Makes or finds a histogram in seconds (called by swift-metrics).
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, "_seconds", dimensions) { PrometheusHistogram() }
    }

    /// Series live as long as the process (called by swift-metrics).
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Series live as long as the process (called by swift-metrics).
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Series live as long as the process (called by swift-metrics).
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Series live as long as the process (called by swift-metrics).
    public func destroyTimer(_ handler: any TimerHandler) {}
}

private protocol PrometheusSeries: AnyObject, Sendable {
    static var type: String { get }
    func lines(_ name: String, _ labels: String) -> String
}

private final class PrometheusCounter: PrometheusSeries, CounterHandler {
    static var type: String { "counter" }
    private let value = Mutex<Int64>(0)

    func increment(by amount: Int64) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }
    func lines(_ name: String, _ labels: String) -> String {
        "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value.withLock { $0 })\n"
    }
}

private final class PrometheusGauge: PrometheusSeries, RecorderHandler, MeterHandler {
    static var type: String { "gauge" }
    private let value = Mutex(0.0)

    func record(_ amount: Int64) { set(Double(amount)) }
    func record(_ amount: Double) { set(amount) }
    func set(_ amount: Int64) { set(Double(amount)) }
    func set(_ amount: Double) { value.withLock { $0 = amount } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func lines(_ name: String, _ labels: String) -> String {
        "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value.withLock { $0 }.exposition)\n"
    }
}

private final class PrometheusHistogram: PrometheusSeries, TimerHandler {
    static var type: String { "histogram" }

    private struct State {
        var counts = [Int](repeating: 0, count: PrometheusRegistry.bounds.count + 1)
        var sum = 0.0
    }
    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(duration) / 1e9
        let bounds = PrometheusRegistry.bounds
        state.withLock { state in
            state.counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
            state.sum += seconds
        }
    }

    func lines(_ name: String, _ labels: String) -> String {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var text = ""
        var total = 0
        for (bound, count) in zip(PrometheusRegistry.bounds.map(\.exposition) + ["+Inf"], state.counts) {
            total += count
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(name)_sum\(suffix) \(state.sum.exposition)\n\(name)_count\(suffix) \(total)\n"
    }
}

extension String {
    /// As a label's value: the text format knows no other escapes, and control characters would break a scrape.
    fileprivate var labelValue: String {
        var value = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": value += "\\\\"
            case "\"": value += "\\\""
            case "\n": value += "\\n"
            case _ where scalar.properties.generalCategory == .control: value += "?"
            default: value.unicodeScalars.append(scalar)
            }
        }
        return value
    }
}

extension Double {
    /// As Prometheus reads it, whole numbers without a fraction.
    fileprivate var exposition: String {
        Int64(exactly: self).map { String($0) } ?? description
    }
}
