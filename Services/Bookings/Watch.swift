import AMQP
import ArgumentParser
import Client
import Contract
import Terminal
import UnixSignals

/// `bookings watch`
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every outcome and cancellation as it is announced, until Ctrl-C.")

    @Flag(help: "Print the announcements as they are, a JSON object a line.")
    var json = false
    @Option(help: ArgumentHelp("The broker, instead of AMQP_URL.", valueName: "amqp-url"))
    var url: String?

    func run() async throws {
        do throws(ClientError) {
            let client = BookingClient(addresses: try BrokerAddresses.find(option: url), name: "bookings")
            let announcements = try await client.outcomes()
            if !json { Output.error.line(Output.error.styled("Waiting for outcomes; Ctrl-C ends it.", .dim)) }
            await withTaskGroup { group in
                group.addTask { await show(announcements, client) }
                group.addTask { for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return } }
                await group.next()
                group.cancelAll()
            }
            // The terminal has shown ^C in the line.
            if !json, Output.standard.isTerminal { Output.standard.line() }
        } catch {
            Output.error.line("bookings: \("\(error)".printable)")
            throw ExitCode(error.exitCode)
        }
    }

    /// Shows what comes; when the connection is lost, what comes after the next one is made.
    private func show(_ first: AsyncThrowingStream<Announcement, any Error>, _ client: BookingClient) async {
        var announcements: AsyncThrowingStream<Announcement, any Error>? = first
        while !Task.isCancelled {
            do {
                if let announcements { for try await announcement in announcements { show(announcement) } }
                if Task.isCancelled { return }
                announcements = try await client.outcomes()
                Output.error.line("Connected again; what was announced in between is not shown.")
            } catch {
                if announcements != nil { Output.error.line("bookings: \("\(error)".printable)") }
                announcements = nil
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func show(_ announcement: Announcement) {
        let output = Output.standard
        if json { return output.write(announcement.message.body + [UInt8(ascii: "\n")]) }
        guard let outcome = try? announcement.outcome() else { return output.line("something that is no outcome") }
        let (word, style): (String, Style) =
            switch outcome.status {
            case .confirmed: ("confirmed", .green)
            case .rejected: ("rejected", .red)
            case .cancelled: ("cancelled", .yellow)
            }
        let time = String(outcome.occurredAt.description.dropFirst(11).prefix(8))
        let what = outcome.totalPrice.map(Figures.amount) ?? outcome.reason?.sentence ?? ""
        let columns = [
            output.styled(time, .dim), output.styled(word.padded(to: 9), style),
            "\(outcome.bookingNumber)".padded(to: 7, onLeft: true),
            (outcome.destination ?? "").printable.cut(to: 16).padded(to: 16),
            what.padded(to: outcome.totalPrice == nil ? 0 : 14, onLeft: true),
            output.styled(outcome.passenger.printable.cut(to: 40), .bold),
            output.styled(outcome.requestID.printable, .dim),
        ]
        output.line(columns.joined(separator: "  "))
    }
}
