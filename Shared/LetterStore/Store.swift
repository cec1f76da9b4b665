import Contract
import Runtime

/// One of the streams that the letters have been in, one after the other.
///
/// A stream can only be deleted whole. So when letters are out of date, all others are copied into another one, which is the
/// store from then on.
struct Store: Codable, Equatable, Sendable {
    /// The stream's name.
    let queue: String
    /// The name of the one before; empty for the first.
    let after: String
    /// The place of its first entry, behind all places of the one before: so a place is never another's.
    var base: Int
    /// When it became the store.
    let since: Timestamp

    /// A stream that is to follow another, with a name that no other has.
    init(after: String) {
        queue = QueueName.deadLetterStore + "." + MessageID.random().prefix(8)
        self.after = after
        base = 0
        since = .now
    }
}
