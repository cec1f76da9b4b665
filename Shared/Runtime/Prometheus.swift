import CoreMetrics
import Synchronization

/// Keeps what the instruments record and writes it as Prometheus text (exposition format 0.0.4).
///
/// The names of instruments become Prometheus names: dots are underscores, counters end in `_total`, timers are
/// histograms in seconds.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }
    private struct State {
        var series: [Series: any PrometheusSeries] = [:]
        /// The instruments' labels, by their names in the text.
        var labels: [String: String] = [:]
    }
    private let state = Mutex(State())

    /// An empty registry.
    public init() {}

    /// Everything recorded so far.
    public func text() -> String {
        let state = state.withLock { $0 }
        var text = ""
        var last = ""
        for (key, series) in state.series.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            let lines = series.lines(key.name, key.labels)
            if lines.isEmpty { continue }
            if key.name != last {
                let help = state.labels[key.name].flatMap { Self.descriptions[$0] }
                if let help { text += "# HELP \(key.name) \(help)\n" }
                text += "# TYPE \(key.name) \(type(of: series).type)\n"
            }
            last = key.name
            text += lines
        }
        return text
    }

    /// A gauge that is read when somebody asks for the text, and missing there while nothing can be said.
    /// - Parameter read: returns its value.
    public func observe(
        _ label: String, dimensions: [(String, String)] = [], read: @escaping @Sendable () -> Double?
    ) {
        _ = find(label, "", dimensions) { ObservedGauge(read) }
    }

    private func find<S: PrometheusSeries>(
        _ label: String, _ suffix: String, _ dimensions: [(String, String)], _ make: () -> S
    ) -> S {
        let name = label.metricName + suffix
        let labels = dimensions.map { key, value in "\(key.metricName)=\"\(value.labelValue)\"" }
        let key = Series(name: name, labels: labels.joined(separator: ","))
        return state.withLock { state in
            if let found = state.series[key] as? S { return found }
            let made = make()
            state.series[key] = made
            state.labels[name] = label
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
        find(label, "_seconds", dimensions) { PrometheusHistogram(label) }
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

extension String {
    /// As the name of a metric or label.
    fileprivate var metricName: String { String(map { $0.isLetter || $0.isNumber ? $0 : "_" }) }

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
