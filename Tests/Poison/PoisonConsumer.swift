import Contract
import Glibc
import Logging
import Runtime

/// A consumer in notifier's place that some messages really kill: what the passenger is called decides how.
@main
struct PoisonConsumer {
    static func main() async {
        await runService("notifier", defaultPort: 0) { service in
            let subscription = Subscription(QueueName.notifications) { batch in
                for delivery in batch {
                    let name = try? JSON.decode(BookingOutcome.self, from: delivery.body).passengerName
                    switch name {
                    case "Crash": fatalError("killed by a message")
                    case "Hang": try await Task.sleep(for: .seconds(3_600))
                    case "Hog": exhaustMemory()
                    default: service.logger.info("handled", metadata: ["passenger": "\(name ?? "-")"])
                    }
                }
                return batch.map { _ in .done() }
            }
            return ServicePlan([subscription], hangLimit: .seconds(2))
        }
    }
}

/// Takes memory until there is none: of what a small container has, not of the machine.
private func exhaustMemory() {
    var limit = rlimit(rlim_cur: 1 << 30, rlim_max: 1 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    var blocks: [[UInt8]] = []
    while true { blocks.append(Array(repeating: 1, count: 1 << 24)) }
}
