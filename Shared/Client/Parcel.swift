import Synchronization

/// Messages that were handed over together, and are done when the broker has confirmed each.
final class Batch: Sendable {
    let messages: [ClientMessage]
    let ticket = Ticket<Void>()
    private let missing: Atomic<Int>

    init(_ messages: [ClientMessage]) {
        self.messages = messages
        missing = Atomic(messages.count)
        if messages.isEmpty { ticket.finish(.success(())) }
    }

    func confirmOne() {
        if missing.subtract(1, ordering: .relaxed).newValue == 0 { ticket.finish(.success(())) }
    }
}

/// A message that asks for an answer, and is done when an answer is taken.
final class Question: Sendable {
    let message: ClientMessage
    let ticket = Ticket<[UInt8]>()
    private let takes: @Sendable ([UInt8]) -> Bool

    /// - Parameters:
    ///   - message: has a correlation id of its own.
    ///   - takes: whether an answer is the one that is waited for.
    init(_ message: ClientMessage, takes: @escaping @Sendable ([UInt8]) -> Bool) {
        self.message = message
        self.takes = takes
    }

    func receive(_ answer: [UInt8]) {
        if takes(answer) { ticket.finish(.success(answer)) }
    }
}

/// One message on its way to the broker.
struct Parcel {
    enum Sender {
        case batch(Batch)
        case question(Question)
    }
    let message: ClientMessage
    let sender: Sender
    /// Set when the broker has sent it back; its confirm follows.
    var isReturned = false
    /// When it was first sent on this connection.
    var start: ContinuousClock.Instant?

    /// Whether somebody still waits for it.
    var isWanted: Bool {
        switch sender {
        case .batch(let batch): !batch.ticket.isFinished
        case .question(let question): !question.ticket.isFinished
        }
    }

    var isQuestion: Bool { if case .question = sender { true } else { false } }

    /// The broker has it.
    func confirm() {
        if case .batch(let batch) = sender { batch.confirmOne() }
    }

    /// It won't arrive, however often it is sent.
    func fail(_ error: ClientError) {
        switch sender {
        case .batch(let batch): batch.ticket.finish(.failure(error))
        case .question(let question): question.ticket.finish(.failure(error))
        }
    }
}
