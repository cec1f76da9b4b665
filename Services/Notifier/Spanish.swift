import Contract

/// Spanish as it is written in Colombia.
struct Spanish: Wording {
    let language = "es"
    let closing = "Este mensaje es automático; por favor no lo responda."
    let welcomeSubject = "Le damos la bienvenida a Caramelo"
    let welcome =
        "Gracias por su primera reserva: ya hace parte de nuestro programa de fidelidad y gana puntos con cada viaje."

    func greeting(_ name: String) -> String { name.isEmpty ? "Hola:" : "Hola, \(name):" }

    func subject(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination.map { " a \($0)" } ?? ""
        return switch outcome.status {
        case .confirmed: "Reserva \(outcome.bookingNumber)\(destination): confirmada"
        case .rejected: "Reserva \(outcome.bookingNumber)\(destination): rechazada"
        case .cancelled: "Reserva \(outcome.bookingNumber)\(destination): cancelada"
        }
    }

    func news(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination.map { " a \($0)" } ?? ""
        return switch outcome.status {
        case .confirmed: "Su reserva\(destination) está confirmada. ¡Buen viaje!"
        case .rejected: "No pudimos confirmar su reserva\(destination). \(cause(outcome))"
        case .cancelled:
            "Su reserva\(destination) queda cancelada, y los puntos de su precio se descuentan de su cuenta."
        }
    }

    private func cause(_ outcome: BookingOutcome) -> String {
        let destination = outcome.destination ?? "ese destino"
        return switch outcome.reason {
        case .invalidRequest:
            "Estos datos faltan o no son válidos: "
                + (outcome.problems ?? []).map { field($0.field) }.joined(separator: ", ") + "."
        case .expired: "La solicitud venció antes de que pudiéramos atenderla."
        case .unknownDestination: "No volamos a \(destination)."
        case .unknownFlight: "El vuelo pedido no existe."
        case .wrongDestination: "El vuelo pedido no va a \(destination)."
        case .flightDeparted: "El vuelo pedido ya salió."
        case .flightFull: "El vuelo pedido no tiene puestos libres."
        case nil: ""
        }
    }

    private func field(_ name: String) -> String {
        switch name {
        case "passenger_name": "nombre del pasajero"
        case "passenger_age": "edad del pasajero"
        case "email": "correo electrónico"
        case "destination": "destino"
        case "has_pet": "mascota"
        case "has_promotion": "promoción"
        case "flight_id": "vuelo"
        case "expires_at": "vencimiento de la solicitud"
        default: name
        }
    }

    func label(_ detail: Detail) -> String {
        switch detail {
        case .number: "Número de reserva"
        case .passenger: "Pasajero"
        case .destination: "Destino"
        case .fare: "Tarifa"
        case .discount: "Descuento"
        case .tax: "Impuestos"
        case .petTax: "Tasa por mascota"
        case .total: "Total"
        case .points: "Puntos de fidelidad"
        case .confirmedAt: "Fecha de la confirmación"
        case .decidedAt: "Fecha"
        case .request: "Solicitud"
        }
    }

    func passenger(_ name: String, age: Int?) -> String {
        age.map { "\(name) (\($0) \($0 == 1 ? "año" : "años"))" } ?? name
    }

    func amount(_ minor: Int, _ currency: String) -> String {
        let symbol = currency == "COP" ? "$" : currency
        return "\(sign(minor))\(symbol) \(number(minor, group: ".", decimal: ","))"
    }

    func time(_ time: LocalTime) -> String {
        "\(time.day) de \(Self.months[time.month - 1]) de \(time.year), \(time.hourOfTwelve):\(time.minuteText) "
            + "\(time.hour < 12 ? "a. m." : "p. m.") (\(time.offsetText))"
    }

    private static let months = [
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ]
}
