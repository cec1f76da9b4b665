import AMQP
import Configuration
import Contract
import CoreMetrics
import Logging
import Testing

@testable import Runtime

@Suite("Acknowledgements")
struct AckLedgerTests {
    @Test("cover only what is done without a gap")
    func gaps() {
        var ledger = AckLedger(epoch: 1)
        #expect(ledger.finish([2, 3]) == nil)
        #expect(ledger.finish([1]) == 3)
        #expect(ledger.finish([5]) == nil)
        #expect(ledger.finish([4, 6]) == 6)
    }

    @Test("end at the last in any order of completion")
    func anyOrder() {
        for _ in 0..<100 {
            var ledger = AckLedger(epoch: 1)
            let last = (1...200).map(UInt64.init).shuffled().compactMap { ledger.finish([$0]) }
            #expect(last == last.sorted())
            #expect(last.last == 200)
        }
    }
}

@Suite("Inbox")
struct InboxTests {
    private func deliveries(_ tags: ClosedRange<UInt64>) -> [Delivery] {
        tags.map {
            let amqp = AMQPDelivery(
                channel: 2, tag: $0, isRedelivered: false, exchange: "bookings", routingKey: "k",
                message: AMQPMessage())
            return Delivery(amqp, from: "q", epoch: 1)
        }
    }

    @Test("hands over whatever has arrived, up to the limit, in order")
    func batches() async {
        let inbox = Inbox()
        inbox.put(deliveries(1...5))
        #expect(await inbox.take(3)?.map(\.id) == [1, 2, 3])
        #expect(await inbox.take(3)?.map(\.id) == [4, 5])
    }

    @Test("wakes a taker when something arrives", .timeLimit(.minutes(1)))
    func waking() async {
        let inbox = Inbox()
        async let batch = inbox.take(10)
        inbox.put(deliveries(1...2))
        #expect(await batch?.map(\.id) == [1, 2])
    }

    @Test("ends every taker when it is closed", .timeLimit(.minutes(1)))
    func closing() async {
        let inbox = Inbox()
        async let first = inbox.take(10)
        async let second = inbox.take(10)
        inbox.close()
        #expect(await first == nil)
        #expect(await second == nil)
        inbox.put(deliveries(1...1))
        #expect(await inbox.take(1) == nil)
    }
}

@Suite("Retries")
struct RetryLadderTests {
    private func delivery(attempts: Int?, exchange: String) -> Delivery {
        var message = AMQPMessage(body: [1, 2])
        message.headers = ["CC": .array([.text("elsewhere")]), "mine": .int(7)]
        message.headers[FailureHeader.attempts] = attempts.map { .int(Int64($0)) }
        let amqp = AMQPDelivery(
            channel: 2, tag: 1, isRedelivered: false, exchange: exchange, routingKey: "booking.priced",
            message: message)
        return Delivery(amqp, from: "work", epoch: 1)
    }

    @Test("climb the delays and end in the dead letters")
    func climb() {
        let ladder = RetryLadder(fast: false)
        let exchanges = (0...5).map {
            delivery(attempts: $0, exchange: "").retried("why", on: ladder, by: "s").exchange
        }
        #expect(exchanges == ["retry.1s", "retry.5s", "retry.30s", "retry.2min", "retry.10min", "dead-letters"])
    }

    @Test("keep body and headers, but not those that would send copies elsewhere")
    func headers() {
        let retried = delivery(attempts: nil, exchange: "bookings").retried("why", on: RetryLadder(fast: true), by: "s")
        #expect(retried.exchange == "retry.100ms")
        #expect(retried.routingKey == "work")
        #expect(retried.message.body == [1, 2])
        #expect(retried.message.headers["mine"] == .int(7))
        #expect(retried.message.headers["CC"] == nil)
        #expect(retried.message.headers[FailureHeader.routingKey] == .text("booking.priced"))
    }

    @Test("let a replayed letter fail once, and say when it took effect")
    func replays() {
        func delivery(in queue: String, exchange: String = "") -> Delivery {
            var message = AMQPMessage(body: [1])
            message.headers = [
                FailureHeader.replay: .text("r"), FailureHeader.letter: .text("l"), FailureHeader.attempts: .int(2),
            ]
            let amqp = AMQPDelivery(
                channel: 2, tag: 1, isRedelivered: false, exchange: exchange, routingKey: queue, message: message)
            return Delivery(amqp, from: queue, epoch: 1)
        }
        let replayed = delivery(in: QueueName.accepted)
        let failed = replayed.retried("why", on: RetryLadder(fast: false), by: "s")
        #expect(failed.exchange == Exchange.deadLetters)
        #expect(failed.message.headers[FailureHeader.attempts] == .int(3))
        #expect(failed.message.headers[FailureHeader.replay] == .text("r"))
        #expect(replayed.replayed?.routingKey == QueueName.deadLetters)
        #expect(replayed.replayed?.message.headers[FailureHeader.letter] == .text("l"))
        // The report itself is not reported on.
        #expect(delivery(in: QueueName.deadLetters).replayed == nil)
        // A stranger's headers say nothing, and are not passed on.
        let stranger = delivery(in: QueueName.accepted, exchange: "bookings")
        #expect(stranger.replayed == nil)
        let retried = stranger.retried("why", on: RetryLadder(fast: false), by: "s")
        #expect(retried.exchange == "retry.1s")
        #expect(retried.message.headers[FailureHeader.replay] == nil)
    }

    @Test("don't trust a stranger's failure headers")
    func strangers() {
        #expect(delivery(attempts: 99, exchange: "bookings").attempts == 0)
        #expect(delivery(attempts: 2, exchange: "").attempts == 2)
    }
}

@Suite("Settings")
struct SettingsTests {
    private func settings(_ values: [String: String]) throws -> Settings {
        try Settings(defaultPort: 8081, provider: EnvironmentVariablesProvider(environmentVariables: values))
    }

    @Test("have the contract's defaults")
    func defaults() throws {
        let settings = try settings([:])
        #expect(settings.broker.map(\.vhost) == ["/"])
        #expect((settings.httpHost, settings.httpPort) == ("127.0.0.1", 8081))
        #expect((settings.logLevel, settings.logsJSON, settings.fastRetry) == (.info, false, false))
        #expect(!settings.checksTopology)
        #expect(settings.files == TLSFiles())
    }

    @Test("name the variable that is wrong")
    func wrong() {
        for (variable, value) in [
            ("HTTP_PORT", "x"), ("LOG_FORMAT", "yaml"), ("AMQP_URL", "amqp://a,b"), ("AMQP_TOPOLOGY", "maybe"),
            ("TLS_CA_FILE", "/no/such/file"),
        ] {
            #expect { try settings([variable: value]) } throws: { ($0 as? WrongSetting)?.variable == variable }
        }
    }
}

@Suite("Metrics text")
struct PrometheusTests {
    @Test("is what Prometheus reads")
    func text() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a.b", dimensions: [("queue", "q\"1\"")]).increment(by: 2)
        registry.makeTimer(label: "t", dimensions: []).recordNanoseconds(20_000_000)
        registry.makeMeter(label: "g", dimensions: []).set(1.5)
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains("# TYPE a_b_total counter"))
        #expect(lines.contains(#"a_b_total{queue="q\"1\""} 2"#))
        #expect(lines.contains("g 1.5"))
        #expect(lines.contains(#"t_seconds_bucket{le="0.01"} 0"#))
        #expect(lines.contains(#"t_seconds_bucket{le="0.025"} 1"#))
        #expect(lines.contains(#"t_seconds_bucket{le="+Inf"} 1"#))
        #expect(lines.contains("t_seconds_count 1"))
    }
}
