extension Judgement {
    /// All messages of one request id: the first that arrives is the request, the others are twins.
    mutating func judge(_ copies: [(SentRequest, Issued)], of id: String) {
        if let stored = before.bookings[id] {
            for (request, issued) in copies {
                let isTwin = Contents(request) == stored.contents
                check(issued, id, allowed: isTwin ? answers(stored, id) : [.refused("request_id_reused")])
            }
            return
        }
        guard let settled = phase.traces[id]?.settled else {
            if copies.contains(where: \.1.isCertain) { report(id, "has no outcome", .lost) }
            return
        }
        // Copies with different contents: any may have been first.
        let candidates = Set(copies.map { Contents($0.0) })
        let winners = candidates.filter { contents in
            contents.isEchoed(by: settled) && decisions(contents).contains { $0.allows(settled, before.rules) }
        }
        // Not everything that tells contents apart is in an outcome; then the answers say who was first.
        func isRefused(_ contents: Contents) -> Bool {
            copies.contains { Contents($0.0) == contents && $0.1.reply == .refused("request_id_reused") }
        }
        func isAnswered(_ contents: Contents) -> Bool {
            copies.contains { Contents($0.0) == contents && $0.1.reply != nil } && !isRefused(contents)
        }
        let likely = winners.first(where: isAnswered) ?? winners.first { !isRefused($0) }
        guard let winner = likely ?? winners.first else {
            let allowed = candidates.map { "\(decisions($0)) for \($0)" }.joined(separator: "; or ")
            report(id, "became \(settled); allowed: \(allowed)")
            // Taken as it is all the same, so that one mistake is not told again of every figure.
            after.bookings[id] = candidates.first.map { Oracle.Booking(contents: $0, settled: settled) }
            return
        }
        let booking = Oracle.Booking(contents: winner, settled: settled)
        after.bookings[id] = booking
        let answers = answers(booking, id).union([.pending])
        for (request, issued) in copies {
            let isTwin = Contents(request) == winner
            check(issued, id, allowed: isTwin ? answers : [.refused("request_id_reused")])
        }
    }

    /// What asking for a booking may bring: as it was, or as it is now.
    private func answers(_ booking: Oracle.Booking, _ id: String) -> Set<Reply> {
        var answers: Set<Reply> = [.outcome(booking.outcome)]
        if let cancelled = phase.traces[id]?.cancelled { answers.insert(.outcome(cancelled)) }
        return answers
    }

    /// Whatever may become of a request, in any state that the world may have been in.
    private func decisions(_ contents: Contents) -> Set<Decision> {
        let fares = contents.destination.map(faresInForce) ?? [nil]
        let flights = contents.flight.map(schedulesInForce) ?? [nil]
        var decisions: Set<Decision> = []
        for time in [phase.begins, phase.ends] {
            for fare in fares {
                for flight in flights {
                    decisions.insert(.of(contents, at: time, fare: fare, flight: flight))
                }
            }
        }
        return decisions
    }

    /// All cancellations of one request id, which may be under way together with the request itself.
    mutating func judge(_ copies: [(String, Issued)], of id: String, _ requests: [(SentRequest, Issued)]) {
        let cancelled = phase.traces[id]?.cancelled
        guard let booking = after.bookings[id] else {
            if cancelled != nil { report(id, "was cancelled, but never confirmed") }
            for (_, issued) in copies where requests.isEmpty {
                check(issued, id, allowed: [.refused("not_found")])
                if !issued.wantsReply { expectLetter(Command.cancel(id).body, issued) }
            }
            // Of a request that may never have arrived.
            if !requests.isEmpty { after.possibleLetters.insert(Command.cancel(id).body) }
            return
        }
        let isNew = before.bookings[id] == nil
        var allowed: Set<Reply> = [booking.settled.status == .rejected ? .refused("not_confirmed") : .done]
        // One that overtook its request by more than the first retry delays.
        let mayOvertake = copies.contains { isNew && !$0.1.knewOutcome }
        if mayOvertake { allowed.insert(.refused("not_found")) }
        for (_, issued) in copies { check(issued, id, allowed: allowed) }
        let letter = Command.cancel(id).body
        if copies.contains(where: { isNew && !$0.1.knewOutcome && !$0.1.wantsReply }) {
            after.possibleLetters.insert(letter)
        }
        if booking.settled.status == .rejected || booking.isCancelled {
            if cancelled != nil, !booking.isCancelled { report(id, "was cancelled, but never confirmed") }
            return
        }
        if let cancelled {
            if cancelled != booking.settled.cancelled {
                report(id, "was cancelled as \(cancelled), but had been \(booking.settled)")
            }
            after.bookings[id]?.isCancelled = true
        } else if copies.contains(where: { (!isNew || $0.1.knewOutcome) && $0.1.isCertain || $0.1.reply == .done }) {
            report(id, "was not cancelled", .lost)
        } else {
            // What overtook its request and had nobody to tell is kept.
            for (_, issued) in copies where !issued.wantsReply { expectLetter(letter, issued) }
        }
        let isRefused = !copies.contains { $0.1.reply != .refused("not_found") || $0.1.isRepeated }
        if cancelled != nil, isRefused { report(id, "was cancelled, though that was refused") }
    }

    /// Of an address' confirmed bookings exactly one is the first, and nobody's is twice.
    mutating func judgeFirstBookings(_ requests: some Collection<String>) {
        var byAddress: [String: [(id: String, isFirst: Bool)]] = [:]
        for id in requests where before.bookings[id] == nil {
            guard let booking = after.bookings[id], booking.settled.status == .confirmed,
                let email = booking.contents.email
            else { continue }
            byAddress[email, default: []].append((id, booking.settled.isFirst == true))
        }
        for (email, bookings) in byAddress {
            let firsts = bookings.filter(\.isFirst).map(\.id)
            let expected = before.firstBookings[email] == nil ? 1 : 0
            if firsts.count != expected {
                report(email, "\(firsts.count) of \(bookings.map(\.id)) are first bookings, not \(expected)")
            }
            if before.firstBookings[email] == nil { after.firstBookings[email] = firsts.first ?? bookings.first?.id }
        }
    }
}
