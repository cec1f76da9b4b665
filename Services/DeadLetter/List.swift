import ArgumentParser
import Client
import Contract
import LetterStore
import Synchronization
import Terminal

/// `dead-letter list`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the letters that were kept, oldest first.",
        discussion: """
            It reads the broker (AMQP_URL) and needs no running service.

            Examples:
              dead-letter list
              dead-letter list --json | jq -r 'select(.reason == "too_large") | .id'

            Exit status: 0 also where there is none, 69 where the broker can't be reached, 78 for a wrong AMQP_URL.
            """)

    @Flag(help: "Print a JSON object a line for each letter, with its body.")
    var json = false

    @Option(help: ArgumentHelp("The broker, instead of AMQP_URL.", valueName: "amqp-url"))
    var url: String?

    func run() async throws {
        do throws(ClientError) {
            let store = LetterStore(addresses: try BrokerAddresses.find(option: url))
            let finding = json ? try await printJSON(store) : try await printTable(store)
            if finding == .missing {
                Output.error.line("There is no store of dead letters: the services have never run here.")
            }
        } catch {
            Output.error.line("dead-letter: \(error)")
            throw ExitCode(error.exitCode)
        }
    }

    private func printJSON(_ store: LetterStore) async throws(ClientError) -> LetterStore.Finding {
        try await store.read { letter in
            Output.standard.write(JSON.encode(LetterJSON(letter)) + [UInt8(ascii: "\n")])
        }
    }

    private func printTable(_ store: LetterStore) async throws(ClientError) -> LetterStore.Finding {
        let letters = Mutex<LetterTable>(LetterTable())
        let finding = try await store.read { letter in letters.withLock { $0.add(letter) } }
        letters.withLock { $0.write(to: .standard) }
        return finding
    }
}
