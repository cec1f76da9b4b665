import AMQP
import ArgumentParser
import Client
import Contract
import LetterStore
import Terminal

/// `dead-letter export`
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes letters whole as JSON lines, which import reads.",
        discussion: """
            Example:
              dead-letter export --status all > letters.jsonl
            """)

    @Argument(help: ArgumentHelp("Only these letters.", valueName: "id"))
    var ids: [String] = []
    @OptionGroup var filter: SelectionOptions
    @OptionGroup var desk: DeskOptions

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            let isDone = try await asker.export(filter.selection(ids)) { Output.standard.write($0) }
            return isDone ? .success : ExitCode(1)
        }
    }
}

/// `dead-letter import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes letters in that export wrote; those that are known already stay as they are.",
        discussion: """
            They are open, whatever they were where they come from. It may be run again.

            Example:
              dead-letter import < letters.jsonl
            """)

    @OptionGroup var desk: DeskOptions

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            var (count, number) = (0, 0)
            while let line = readLine() {
                number += 1
                if line.allSatisfy(\.isWhitespace) { continue }
                guard let message = ImportedLetter.message(Array(line.utf8)) else {
                    Output.error.line("✘ line \(number) is no letter; \(count) were taken in before it")
                    return ExitCode(65)
                }
                try await asker.client.publish(message, timeout: asker.limit)
                count += 1
            }
            Output.standard.line("\(Figures.count(count)) letter\(count == 1 ? "" : "s") handed over")
            return .success
        }
    }
}

/// A line that export wrote, read again.
enum ImportedLetter {
    /// A line may be far larger than a message.
    private static func object(_ line: [UInt8]) -> JSON.Object? { try? JSON.object(line, limit: .max) }

    /// The body of a letter.
    static func body(of line: [UInt8]) -> [UInt8]? { object(line).flatMap(body) }

    private static func body(_ object: JSON.Object) -> [UInt8]? {
        object["body"]?.string.map { Array($0.utf8) } ?? object["body_base64"]?.string.flatMap(Base64.decode)
    }

    /// The message for the exchange of dead letters; `nil` where the line is no letter.
    static func message(_ line: [UInt8]) -> ClientMessage? {
        guard let object = object(line), let body = body(object), let queue = object["queue"]?.string,
            let headers = object["headers"]?.object
        else { return nil }
        let properties = object["properties"]?.object
        func text(_ name: String) -> String? { properties?[name]?.string }
        var message = AMQPMessage(body: body)
        message.headers = HeaderJSON.table(headers)
        message.contentType = text("content_type")
        message.contentEncoding = text("content_encoding")
        message.correlationID = text("correlation_id")
        message.replyTo = text("reply_to")
        message.messageID = text("message_id")
        message.type = text("type")
        message.appID = text("app_id")
        message.timestamp = text("timestamp").flatMap { UInt64($0) }
        message.priority = text("priority").flatMap { UInt8($0) }
        return ClientMessage(message, to: Exchange.deadLetters, routingKey: queue)
    }
}
