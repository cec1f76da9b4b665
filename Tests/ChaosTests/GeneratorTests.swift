import Model
import Testing

@testable import caramelo_chaos

@Suite("Chaos: the generator") struct GeneratorTests {
    private func orders(_ seed: UInt64, count: Int = 3_000, hasLetters: Bool = true) -> [Order] {
        var generator = Generator(seed: seed, count: count, prefix: "t", hasLetters: hasLetters)
        return generator.setup().flatMap(\.self) + (0..<count).map { _ in generator.next() }
    }

    @Test("the same seed makes the same commands, another others")
    func fromTheSeed() {
        #expect(orders(7) == orders(7))
        #expect(orders(7) != orders(8))
    }

    @Test("there is some of everything, and every message has an id of its own")
    func mixed() {
        let orders = orders(1)
        let kinds = Dictionary(grouping: orders, by: \.kind).mapValues(\.count)
        for kind in Order.Kind.allCases { #expect(kinds[kind, default: 0] > 3, "\(kind)") }
        #expect(kinds[.request, default: 0] > orders.count / 2)
        #expect(Set(orders.map(\.id)).count == orders.count)
        let replies = orders.count(where: \.wantsReply)
        #expect(replies > 50 && replies < orders.count / 10)
    }

    @Test("many more want the scarce seats than there are")
    func scarce() {
        var seats: [String: Int] = [:]
        var wanted: [String: Int] = [:]
        for order in orders(2) {
            switch order.command {
            case .schedule(let change): seats[change.flight] = change.seats
            case .request(let request):
                if case .text(let flight)? = request.fields["flight_id"] { wanted[flight, default: 0] += 1 }
            default: break
            }
        }
        let scarce = seats.filter { $0.key.hasPrefix("t-S") }
        #expect(scarce.count > 5)
        #expect(scarce.count { wanted[$0.key, default: 0] > $0.value } > scarce.count / 2)
    }

    @Test("each request is cancelled once at most, and one that is waited for has been sent")
    func cancellations() {
        var sent: Set<String> = []
        var cancelled: Set<String> = []
        for order in orders(3) {
            switch order.command {
            case .request(let request): sent.insert(request.id)
            case .cancel(let id):
                #expect(cancelled.insert(id).inserted)
                if let after = order.after { #expect(after == id && sent.contains(id)) }
            default: break
            }
        }
        #expect(cancelled.count > 100)
    }

    @Test("where others' dead letters are, none is added")
    func withoutLetters() {
        for order in orders(4, hasLetters: false) {
            #expect(order.kind != .unreadable && order.kind != .refused)
            if order.kind == .cancel { #expect(order.wantsReply || order.after != nil) }
        }
    }
}
