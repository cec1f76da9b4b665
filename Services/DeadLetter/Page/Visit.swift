import Client
import Contract
import Hummingbird

/// A request for a page, from somebody who may make it.
struct Visit: Sendable {
    /// The page, such as `/letters`.
    let path: String
    /// The part of the path that names a letter or a replay.
    let id: String
    /// What stands behind the question mark.
    let query: Form
    /// What was filled in.
    let form: Form
    /// Who asks.
    let visitor: Visitor
    /// Whether the browser came over TLS, by what the proxy says.
    let isSecure: Bool

    /// A question in the visitor's name, with the reason that was filled in.
    func signed(_ question: LetterQuestion = LetterQuestion()) -> LetterQuestion {
        var question = question
        question.by = visitor.name ?? form["by"]
        question.why = form["why"]
        return question
    }

    /// The id under which what the form asks for takes effect once, however often it is sent.
    var action: String? { form["action"] }
}

/// Why there is no page.
enum PageError: Error {
    /// What was asked for is not there, can't be done, or is filled in wrongly.
    case refused(CommandReply)
    /// The operations are out of reach.
    case unreachable(ClientError)
    /// There is no such page.
    case notFound

    static func wrong(_ field: String, _ problem: String) -> PageError {
        .refused(.invalid([Problem(field: field, problem: problem)]))
    }
}

/// The operations, asked over AMQP as the command line does: of whichever replica takes the question.
struct Operator: Sendable {
    private static let limit = Duration.seconds(20)
    let client: BookingClient

    /// - Parameter id: by which a command takes effect once; by default a new one.
    func ask<Value: Decodable & Sendable>(
        _ operation: LetterOperation, _ question: LetterQuestion, id: String? = nil, as type: Value.Type = Value.self
    ) async throws(PageError) -> Value {
        let answer: Answer<Value>
        do throws(ClientError) {
            answer = try await client.ask(
                operation.routingKey, question, as: type, id: id, timeout: Self.limit)
        } catch {
            throw .unreachable(error)
        }
        switch answer {
        case .answered(let value): return value
        case .failed(let reply): throw .refused(reply)
        }
    }

    /// Hands messages over to the broker.
    func publish(_ messages: [ClientMessage]) async throws(PageError) {
        do throws(ClientError) {
            try await client.publish(messages, timeout: Self.limit)
        } catch {
            throw .unreachable(error)
        }
    }

    /// Letters whole, as JSON lines, piece by piece.
    func export(_ selection: LetterSelection, _ take: (String) async throws -> Void) async throws {
        var question = LetterQuestion()
        question.selection = selection
        repeat {
            let piece = try await ask(.export, question, as: LetterExport.self)
            try await take(piece.lines)
            (question.after, question.skip) = (piece.next, piece.skip)
        } while question.after != nil
    }

    /// Everything about a letter, its body included unless that is larger than so many bytes.
    func detail(of id: String, upTo limit: Int = 1 << 20) async throws -> LetterDetail {
        var question = LetterQuestion()
        question.id = id
        var detail = try await ask(.show, question, as: LetterDetail.self)
        if detail.letter.bytes == nil, detail.letter.size <= limit {
            var selection = LetterSelection()
            selection.ids = [id]
            var lines = ""
            try await export(selection) { lines += $0 }
            detail.letter.setBody(ImportedLetter.body(of: Array(lines.utf8)) ?? [])
        }
        return detail
    }
}
