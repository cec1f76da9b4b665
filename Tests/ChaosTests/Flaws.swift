import AMQP
import Checking
import Contract
import Model

@testable import caramelo_chaos

extension CheckerTests {
    static let flaws: [Flaw] = stored + announced + counted + letters

    private static let stored = [
        Flaw("a request is lost", "lost", "a") { $0.observed.bookings["a"] = nil },
        Flaw("a request stays pending", "lost", "a") { $0.observed.bookings["a"] = .init(outcome: nil) },
        Flaw("a booking that nobody asked for", "unexpected", "x") { scene in
            scene.observed.bookings["x"] = scene.observed.bookings["a"]
        },
        Flaw("a wrong price", "unexpected", "a") { $0.changeStored("a") { $0.amounts?.total += 1 } },
        Flaw("a discount rounded down", "unexpected", "c") { scene in
            scene.changeStored("c") { outcome in
                outcome.amounts?.discount -= 1
                outcome.amounts?.total += 1
            }
        },
        Flaw("wrong points", "unexpected", "a") { $0.changeStored("a") { $0.points = 21 } },
        Flaw("a second first booking", "unexpected", "juan@example.com") { scene in
            scene.changeStored("c") { outcome in
                outcome.isFirst = true
                outcome.points = 519
            }
        },
        Flaw("another's name", "unexpected", "a") { scene in
            scene.changeStored("a") { $0.echo["passenger_name"] = .text("Nobody") }
        },
        Flaw("a rejection without reason to", "unexpected", "c") { scene in
            scene.changeStored("c") { outcome in
                outcome = {
                    var rejected = Outcome(.rejected); rejected.echo = $0.echo; return rejected
                }(outcome)
                outcome.reason = "expired"
            }
        },
        Flaw("an overbooked flight", "unexpected", "F") { scene in
            scene.observed.bookings["b"] = nil
            scene.silence("booking.rejected", of: "b")
            scene.confirm("b", 2, age: 30, email: "maria@example.com", total: 21_000_005, points: 521, isFirst: true)
        },
        Flaw("a flight that is full with a seat free", "unexpected", "F") { scene in
            scene.observed.bookings["a"] = nil
            scene.silence("booking.confirmed", of: "a")
            scene.reject("a", 1, age: 9, email: "juan@example.com", .flightFull)
        },
        Flaw("a cancellation without effect", "lost", "d") { $0.changeStored("d") { $0.status = .confirmed } },
        Flaw("a booking cancelled by nobody", "unexpected", "c") { $0.changeStored("c") { $0.status = .cancelled } },
        Flaw("a cancellation that was answered and has no effect", "lost", "c") { scene in
            var entry = Scene.entry(.cancel, .cancel("c"))
            entry.order.wantsReply = true
            entry.reply = .done
            scene.history.load.append(entry)
        },
        Flaw("a wrong answer to a twin", "unexpected", "a") { scene in
            scene.change("a") { entry in
                if entry.order.kind == .twin { entry.reply = .refused("request_id_reused") }
            }
        },
    ]

    private static let announced = [
        Flaw("an outcome that is not announced", "lost", "a") { $0.silence("booking.confirmed", of: "a") },
        Flaw("a rejection that is not announced", "lost", "b") { $0.silence("booking.rejected", of: "b") },
        Flaw("a cancellation that is not announced", "lost", "d") { $0.silence("booking.cancelled", of: "d") },
        Flaw("candies that are not accounted", "lost", "a") { $0.silence("candy.accounted", of: "a") },
        Flaw("points that are not announced", "lost", "a") { $0.silence("loyalty.awarded", of: "a") },
        Flaw("a customer who is not registered", "lost", "a") { $0.silence("customer.registered", of: "a") },
        Flaw("an announcement with two contents", "unexpected", "a") { scene in
            guard var copy = scene.announced.first else { return }
            copy.body += Array(" ".utf8)
            scene.announced.append(copy)
        },
        Flaw("an announcement with two ids", "duplicated", "a") { scene in
            guard var copy = scene.announced.first else { return }
            copy.messageID = "another"
            scene.announced.append(copy)
        },
        Flaw("an outcome other than the stored one", "unexpected", "b") { scene in
            scene.silence("booking.rejected", of: "b")
            let stored = scene.observed.bookings["b"]
            scene.reject("b", 2, age: 30, email: "maria@example.com", .expired)
            scene.observed.bookings["b"] = stored
        },
        Flaw("two bookings of one number", "unexpected", "") { scene in
            scene.silence("booking.rejected", of: "b")
            scene.reject("b", 1, age: 30, email: "maria@example.com", .flightFull)
        },
        Flaw("an announcement of nobody's booking", "unexpected", "x") { scene in
            let stored = scene.observed.bookings
            scene.reject("x", 9, age: 30, email: "maria@example.com", .expired)
            scene.observed.bookings = stored
        },
        Flaw("candies for an adult", "unexpected", "c") { scene in
            scene.announce(
                CandyAccounted(
                    requestID: "c", bookingNumber: 3, destination: "Isla", count: 3, cost: 150_000,
                    confirmedAt: Scene.time))
        },
    ]

    private static let counted = [
        Flaw("a booking counted twice", "duplicated", "report") { $0.changeReports { $0["bookings_confirmed"] += 1 } },
        Flaw("a booking not counted", "lost", "report") { $0.changeReports { $0["bookings_confirmed"] -= 1 } },
        Flaw("missing candies", "lost", "report") { $0.changeReports { $0["candies"] = 0 } },
        Flaw("candies of a cancelled booking", "duplicated", "report") { $0.changeReports { $0["candies"] += 3 } },
        Flaw("one centavo too much", "duplicated", "report") { $0.changeReports { $0["total_collected"] += 1 } },
        Flaw("a cancellation not counted", "lost", "report") { $0.changeReports { $0["bookings_cancelled"] = 0 } },
        Flaw("a wrong figure of one day", "lost", "report on 2026-11-18") { scene in
            scene.observed.reports[.init(days: "2026-11-18"..."2026-11-18")]?["pets"] = 0
        },
        Flaw("a wrong figure of one destination", "unexpected", "report of Isla") { scene in
            scene.observed.reports[.init("Isla")]?.lines[0].tax += 1
        },
        Flaw("a customer counted twice", "duplicated", "report") { $0.observed.reports[.init()]?.customers = 3 },
        Flaw("points counted twice", "duplicated", "juan@example.com") { scene in
            scene.observed.customers["juan@example.com"]?.points += 521
        },
        Flaw("points of a cancelled booking", "duplicated", "eva@example.com") { scene in
            scene.observed.customers["eva@example.com"]?.points += 21
        },
        Flaw("a customer without bookings", "lost", "juan@example.com") { scene in
            scene.observed.customers["juan@example.com"]?.bookings = 1
        },
        Flaw("a customer whom nobody confirmed", "unexpected", "maria@example.com") { scene in
            scene.observed.customers["maria@example.com"] = .init(points: 500, bookings: 0)
        },
        Flaw("a seat that is not given back", "duplicated", "F") { $0.observed.flights["F"]?.taken = 2 },
        Flaw("a seat taken by nobody", "lost", "F") { $0.observed.flights["F"]?.taken = 0 },
        Flaw("a flight that is gone", "lost", "F") { $0.observed.flights["F"] = nil },
        Flaw("a fare that nobody set", "unexpected", "Isla") { $0.observed.destinations["Isla"]?.base += 1 },
    ]

    private static let letters = [
        Flaw("a dead letter that is missing", "lost", "not json") { $0.observed.letters = [] },
        Flaw("a bystander", "bystander", "{\"request_id\": \"a\"") { scene in
            let body = scene.history.load[0].order.command.body
            scene.observed.letters.append(.init(body))
        },
        Flaw("a dead letter kept twice", "duplicated", "not json") { scene in
            scene.observed.letters.append(.init(Scene.nonsense))
        },
        Flaw("a stranger's dead letter", "bystander", "?") { $0.observed.letters.append(.init([63])) },
        Flaw("what was answered, and is a dead letter all the same", "bystander", "{\"destination\"") { scene in
            let change = DestinationChange("Isla", Fare(base: -1, tax: 0, petTax: 0))
            var entry = Scene.entry(.refused, .set(change))
            (entry.order.wantsReply, entry.reply) = (true, .refused("invalid_request"))
            scene.history.load.append(entry)
            scene.observed.letters.append(.init(change.body))
        },
    ]
}
