import Contract
import Logging
import Runtime

/// Sees to it that letters go which are out of date: once a day, when there are any, the others move into another stream.
actor Retention {
    private let log: LetterLog
    private let mover: StoreMover
    private let logger: Logger
    private let days: Int
    /// The shortest time between two moves, in seconds.
    private let interval: Int
    /// How long a sealed log is left to whoever sealed it.
    private let patience: Duration
    private var sealedSince: ContinuousClock.Instant?
    private var retryAt = ContinuousClock.now
    /// The stream for whose sake the others have been deleted.
    private var cleared = ""

    /// - Parameter days: after how many days a resolved letter is out of date.
    init(_ desk: Desk, days: Int) {
        log = desk.log
        mover = StoreMover(desk)
        logger = desk.service.logger
        self.days = days
        let isFast = desk.service.settings.fastRetry
        interval = isFast ? 3 : 86_400
        patience = .seconds(isFast ? 3 : 30)
    }

    /// Looks whether there is something to do, and does it.
    func look() async {
        let time = Timestamp.now.advanced(bySeconds: -86_400 * days)
        let earliest = Timestamp.now.advanced(bySeconds: -interval)
        let state = try? log.look { ledger in
            (
                queue: ledger.store.queue, isSealed: ledger.end != nil,
                isDue: ledger.store.since < earliest && ledger.letters.contains { $0.resolvedAt < time }
            )
        }
        guard let state, .now >= retryAt else { return }
        sealedSince = state.isSealed ? sealedSince ?? .now : nil
        let isLeft = sealedSince.map { .now - $0 > patience } ?? state.isDue
        do {
            if isLeft {
                try await mover.move(resolvedBefore: time)
                sealedSince = nil
            } else if cleared != state.queue {
                try await mover.clear()
                cleared = state.queue
            }
        } catch {
            logger.warning("letters that are out of date stay for now", metadata: ["error": "\(error)"])
            retryAt = .now + patience + patience
        }
    }
}
