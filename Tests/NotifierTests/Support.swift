import AMQP
import Configuration
import Contract
import Logging
import MailServer
import Testing

@testable import Notifier
@testable import Runtime

/// Shown for the suites that are skipped.
let serverIsMissing = Comment(rawValue: MailServer.hint)

/// What `notifier` makes of an environment.
func post(_ environment: [String: String]) throws -> Post? {
    try Post(try Settings(provider: EnvironmentVariablesProvider(environmentVariables: environment)))
}

/// An announcer that mails to a server, or does not.
func announcer(_ server: MailServer?) throws -> Announcer {
    let mail = server.map {
        ["SMTP_URL": "smtp://127.0.0.1:\($0.port)", "MAIL_FROM": "Caramelo <bookings@example.com>"]
    }
    return Announcer(post: try post(mail ?? [:]), logger: Logger(label: "test"))
}

/// A message as the broker delivers it.
func delivery(_ event: some Event) -> Delivery { delivery(JSON.encode(event), event.event) }

/// A message of these bytes.
func delivery(_ body: [UInt8], _ routingKey: String = RoutingKey.bookingConfirmed) -> Delivery {
    Delivery(
        AMQPDelivery(
            channel: 1, tag: 1, isRedelivered: false, exchange: Exchange.bookingNotifications, routingKey: routingKey,
            message: AMQPMessage(body: body)),
        from: QueueName.notifications, epoch: 1)
}

/// 5 in the morning in Bogotá.
let dawn = Timestamp(milliseconds: 1_795_255_200_123)

/// `booking.confirmed` as in the contract.
func confirmed(
    _ requestID: String = "request-1", email: String? = "juan@example.com", name: String? = "Juan Pérez"
) -> BookingOutcome {
    var outcome = BookingOutcome(status: .confirmed, requestID: requestID, bookingNumber: 1042, occurredAt: dawn)
    outcome.passengerName = name
    outcome.passengerAge = 9
    outcome.email = email
    outcome.destination = "San Andrés"
    outcome.hasPet = true
    outcome.hasPromotion = false
    outcome.setPrice(
        Price.of(baseFare: 32_000_000, tax: 2_560_000, petTax: 5_000_000, hasPet: true, hasPromotion: false))
    outcome.loyaltyPoints = 539
    outcome.firstBooking = true
    return outcome
}

/// `booking.rejected` for a reason.
func rejected(_ reason: BookingOutcome.Reason, problems: [Problem]? = nil) -> BookingOutcome {
    var outcome = BookingOutcome(status: .rejected, requestID: "request-2", bookingNumber: 1043, occurredAt: dawn)
    outcome.reason = reason
    outcome.problems = problems
    outcome.passengerName = "Ana"
    outcome.email = "ana@example.com"
    outcome.destination = "Cali"
    return outcome
}

/// What became of a message, in a word.
func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .done: "done"
    case .tryLater: "later"
    case .deadLetter(let reason, _): reason
    }
}
