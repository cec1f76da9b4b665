import Contract
import FoundationEssentials

extension BookingClient {
    /// Publishes a `booking.request` and waits for its final outcome.
    ///
    /// The outcome comes as the reply; replies are best effort, so when none has come for a second the booking is
    /// looked up, too.
    /// - Parameters:
    ///   - body: the request, a JSON object.
    ///   - requestID: its `request_id`.
    ///   - timeout: how long to wait; the request may still be booked after that.
    /// - Returns: the outcome's body, or a reply with `"ok": false` (the id stands for another request, or is unusable).
    /// - Throws: ``ClientError/nobodyServes(_:)`` at once when no queue takes it; after `timeout` what was in the way.
    public nonisolated func request(
        _ body: [UInt8], requestID: String, timeout: Duration
    ) async throws(ClientError) -> [UInt8] {
        let message = ClientMessage(
            RoutingKey.bookingRequest, body, messageID: requestID, correlationID: UUID().uuidString.lowercased())
        let question = Question(message, takes: Self.isFinal)
        let lookingUp = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                let query = JSON.encode(BookingQuery(requestID: requestID))
                let answer = try? await ask(RoutingKey.queryBooking, query, timeout: .seconds(5))
                guard let answer, Self.isLastWord(answer, of: body) else { continue }
                return question.receive(answer)
            }
        }
        defer { lookingUp.cancel() }
        return try await answer(to: question, timeout: timeout)
    }

    /// Whether a reply is the last word: everything but a booking that is still pending.
    private static let isFinal: @Sendable ([UInt8]) -> Bool = { body in
        (try? JSON.object(body))?["status"]?.string != "pending"
    }

    /// Whether an answer to `query.booking` is the last word on this very request, and not on another with its id.
    private static func isLastWord(_ answer: [UInt8], of request: [UInt8]) -> Bool {
        guard isFinal(answer), let outcome = try? JSON.object(answer) else { return false }
        // With such an id it has become a dead letter, and nobody will answer.
        if outcome["code"]?.string == CommandReply.Code.invalidRequest.rawValue { return true }
        guard outcome["event"] != nil, let request = try? JSON.object(request) else { return false }
        // The outcome has the fields as they were normalised, and none that is invalid.
        let texts = ["passenger_name", "email", "destination"].allSatisfy { field in
            guard let known = outcome[field]?.string, let sent = request[field]?.string else { return true }
            // Only addresses are trimmed; texts in another normal form are equal to Swift.
            return known == sent || known == sent.trimmingSpace
        }
        let age = outcome["passenger_age"]?.integer
        return texts && (age == nil || age == request["passenger_age"]?.integer)
    }
}

extension String {
    fileprivate var trimmingSpace: String {
        let start = drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }
}
