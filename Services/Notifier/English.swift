import Contract

/// English, with the forms of the United States.
struct English: Wording {
    let language = "en"
    let closing = "This message is automatic; please do not reply to it."
    let welcomeSubject = "Welcome to Caramelo"
    let welcome =
        "Thank you for your first booking: you are now part of our loyalty programme and earn points with every trip."

    func greeting(_ name: String) -> String { name.isEmpty ? "Hello," : "Hello \(name)," }

    func subject(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination.map { " to \($0)" } ?? ""
        return switch outcome.status {
        case .confirmed: "Booking \(outcome.bookingNumber)\(destination): confirmed"
        case .rejected: "Booking \(outcome.bookingNumber)\(destination): rejected"
        case .cancelled: "Booking \(outcome.bookingNumber)\(destination): cancelled"
        }
    }

    func news(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination.map { " to \($0)" } ?? ""
        return switch outcome.status {
        case .confirmed: "Your booking\(destination) is confirmed. Have a good trip!"
        case .rejected: "We could not confirm your booking\(destination). \(cause(outcome))"
        case .cancelled:
            "Your booking\(destination) is cancelled, and the points of its price are taken off your account."
        }
    }

    private func cause(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination ?? "that destination"
        return switch outcome.reason {
        case .invalidRequest:
            "These details are missing or wrong: "
                + (outcome.problems ?? []).map { field($0.field) }.joined(separator: ", ") + "."
        case .expired: "The request expired before we could handle it."
        case .unknownDestination: "We do not fly to \(destination)."
        case .unknownFlight: "The flight you asked for does not exist."
        case .wrongDestination: "The flight you asked for does not go to \(destination)."
        case .flightDeparted: "The flight you asked for has departed."
        case .flightFull: "The flight you asked for has no free seats."
        case nil: ""
        }
    }

    private func field(_ name: String) -> String {
        switch name {
        case "passenger_name": "passenger's name"
        case "passenger_age": "passenger's age"
        case "email": "e-mail address"
        case "destination": "destination"
        case "has_pet": "pet"
        case "has_promotion": "promotion"
        case "flight_id": "flight"
        case "expires_at": "expiry of the request"
        default: name
        }
    }

    func label(_ detail: Detail) -> String {
        switch detail {
        case .number: "Booking number"
        case .passenger: "Passenger"
        case .destination: "Destination"
        case .fare: "Fare"
        case .discount: "Discount"
        case .tax: "Taxes"
        case .petTax: "Pet fee"
        case .total: "Total"
        case .points: "Loyalty points"
        case .confirmedAt: "Confirmed on"
        case .decidedAt: "Date"
        case .request: "Request"
        }
    }

    func passenger(_ name: String, age: Int?) -> String {
        age.map { "\(name) (\($0) \($0 == 1 ? "year" : "years"))" } ?? name
    }

    func amount(_ minor: Int, _ currency: String) -> String {
        "\(sign(minor))\(currency) \(number(minor, group: ",", decimal: "."))"
    }

    func time(_ time: LocalTime) -> String {
        "\(Self.months[time.month - 1]) \(time.day), \(time.year), \(time.hourOfTwelve):\(time.minuteText) "
            + "\(time.hour < 12 ? "AM" : "PM") (\(time.offsetText))"
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
