import AMQP
import ArgumentParser
import BrokerAPI
import Client
import Contract
import Glibc
import Runtime
import ServerURL
import Terminal

/// `dead-letter doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares what the broker has with what the services declare, and says how to mend what is wrong.",
        discussion: """
            It reads the management API and changes nothing. User and vhost are those of AMQP_URL unless --url and --vhost \
            say otherwise; the user needs the tag monitoring. It wants FAST_RETRY and AMQP_TOPOLOGY as the services have \
            them: one names the retry queues, the other says who is to mend them. What the API can't tell: consumer_timeout and cluster_partition_handling of the nodes.

            Examples:
              dead-letter doctor
              dead-letter doctor --url http://admin:secret@broker:15672 --vhost /bookings --json

            Exit status: 0 all well, 1 something is wrong, 2 wrong usage, 4 the broker can't be reached or asked.
            """)

    @Option(
        help: ArgumentHelp("The management API, instead of ADMIN_URL or port 15672 of the broker.", valueName: "url"))
    var url: String?

    @Option(help: "The vhost, instead of that of AMQP_URL.")
    var vhost: String?

    @Flag(help: "Print a JSON object a line for each finding, and nothing else.")
    var json = false

    /// How often the broker is asked again while it has not told everything yet, and how long between.
    private static let rounds = 4
    private static let pause = Duration.seconds(2)

    func run() async throws {
        let (api, vhost, topology) = try settings()
        do {
            try report(try await examine(api, vhost, topology))
        } catch let failure as BrokerAPI.Failure {
            throw complain("\(failure)", 4)
        }
    }

    private func examine(_ api: BrokerAPI, _ vhost: String, _ topology: Topology) async throws -> Checkup? {
        var state = try BrokerState(api, vhost: vhost)
        for _ in 1..<Self.rounds where state?.isPreliminary(for: topology) == true {
            try await Task.sleep(for: Self.pause)
            let earlier = state
            state = try BrokerState(api, vhost: vhost)
            if let earlier { state?.keepWhatStayed(since: earlier) }
        }
        return state.map { state in
            Checkup(state, topology, vhost: vhost) { binding in
                api.address(
                    "bindings", vhost, "e", binding.source, binding.isToExchange ? "e" : "q", binding.destination,
                    binding.key)
            }
        }
    }

    private func settings() throws -> (BrokerAPI, vhost: String, Topology) {
        do {
            let settings = try Settings()
            let broker = settings.broker[0]
            let host = broker.host.contains(":") ? "[\(broker.host)]" : broker.host
            let usual = "\(broker.isTLS ? "https" : "http")://\(host)"
            let given = url ?? settings.text("ADMIN_URL", default: usual)
            let api = try BrokerAPI(
                ServerURL(given, schemes: ["http", "https"]), user: broker.user, password: broker.password,
                authorities: settings.files.authorities, certificate: settings.files.certificate,
                key: settings.files.key)
            let topology = Topology(
                ladder: RetryLadder(fast: settings.fastRetry), isOperators: settings.checksTopology)
            return (api, vhost ?? broker.vhost, topology)
        } catch let wrong as ServerURL.Invalid {
            throw complain("\(url == nil ? "ADMIN_URL" : "--url"): \(wrong)", 2)
        } catch {
            throw complain("\(error)", 2)
        }
    }

    private func complain(_ line: String, _ status: Int32) -> ExitCode {
        Output.error.line("doctor: \(line)")
        return ExitCode(status)
    }

    /// Says what was found, or that there is no such vhost.
    private func report(_ checkup: Checkup?) throws {
        let findings =
            checkup?.findings ?? [
                Finding(
                    subject: "the vhost", problem: "does not exist",
                    mend: "rabbitmqctl add_vhost, and set_permissions for the services' user")
            ]
        for finding in findings {
            if json {
                Output.standard.write(JSON.encode(finding) + [UInt8(ascii: "\n")])
            } else {
                Output.standard.line(
                    "\(Output.standard.styled(finding.subject.printable, .red)) \(finding.problem.printable)")
                Output.standard.line("    mend: \(finding.mend.printable)")
            }
        }
        if !json, let checkup {
            let well = "All well: \(checkup.summary)."
            Output.standard.line(findings.isEmpty ? well : "\(findings.count) wrong.")
        }
        if !findings.isEmpty { throw ExitCode(1) }
    }
}
