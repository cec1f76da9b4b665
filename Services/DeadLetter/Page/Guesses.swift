import Synchronization

/// Makes whoever guesses the token wait: from the third wrong one on twice as long each time, up to five minutes.
final class Guesses: Sendable {
    private struct Guesser {
        var failures = 0
        var until = ContinuousClock.now
    }

    private static let free = 3
    private static let longest = 300
    private static let most = 10_000
    private let guessers = Mutex<[String: Guesser]>([:])

    /// How many seconds an address has to wait; `nil` where it may try.
    func wait(of address: String) -> Int? {
        let rest = guessers.withLock { $0[address].map { $0.until - .now } } ?? .zero
        return rest > .zero ? Int(rest.components.seconds) + 1 : nil
    }

    /// Notes a wrong token.
    func fail(_ address: String) {
        guessers.withLock { guessers in
            let now = ContinuousClock.now
            if guessers.count >= Self.most { guessers = guessers.filter { $0.value.until > now } }
            if guessers.count >= Self.most { guessers.removeAll() }
            var guesser = guessers[address] ?? Guesser()
            if now - guesser.until > .seconds(2 * Self.longest) { guesser.failures = 0 }
            guesser.failures += 1
            let excess = guesser.failures - Self.free
            guesser.until = now + .seconds(excess < 0 ? 0 : min(Self.longest, 1 << min(excess, 20)))
            guessers[address] = guesser
        }
    }

    /// Notes the right one.
    func succeed(_ address: String) { guessers.withLock { $0[address] = nil } }
}
