import CoreMetrics
import Synchronization

/// One line of the text, or the lines of a histogram.
protocol PrometheusSeries: AnyObject, Sendable {
    static var type: String { get }
    /// Its lines; empty while nothing can be said.
    func lines(_ name: String, _ labels: String) -> String
}

final class PrometheusCounter: PrometheusSeries, CounterHandler {
    static var type: String { "counter" }
    private let value = Mutex<Int64>(0)

    func increment(by amount: Int64) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }
    func lines(_ name: String, _ labels: String) -> String {
        "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value.withLock { $0 })\n"
    }
}

final class PrometheusGauge: PrometheusSeries, RecorderHandler, MeterHandler {
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

/// A gauge that asks for its value when it is read.
final class ObservedGauge: PrometheusSeries {
    static var type: String { "gauge" }
    private let read: @Sendable () -> Double?

    init(_ read: @escaping @Sendable () -> Double?) { self.read = read }

    func lines(_ name: String, _ labels: String) -> String {
        guard let value = read() else { return "" }
        return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value.exposition)\n"
    }
}

final class PrometheusHistogram: PrometheusSeries, TimerHandler {
    static var type: String { "histogram" }

    /// Bucket bounds in seconds: those that OpenTelemetry advises for messaging, and for databases.
    private static let messaging = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    private static let databases = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

    private struct State {
        var counts: [Int]
        var sum = 0.0
    }
    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ label: String) {
        bounds = label.hasPrefix("db.") ? Self.databases : Self.messaging
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(duration) / 1e9
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += seconds
        }
    }

    func lines(_ name: String, _ labels: String) -> String {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var text = ""
        var total = 0
        for (bound, count) in zip(bounds.map(\.exposition) + ["+Inf"], state.counts) {
            total += count
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(name)_sum\(suffix) \(state.sum.exposition)\n\(name)_count\(suffix) \(total)\n"
    }
}

extension Double {
    /// As Prometheus reads it, whole numbers without a fraction.
    fileprivate var exposition: String {
        Int64(exactly: self).map { String($0) } ?? description
    }
}
