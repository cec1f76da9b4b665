/// The fields that a booking.request and a quote share, each nil when invalid or absent.
struct BookingContents {
    let passengerName: String?
    let passengerAge: Int?
    let email: String?
    let destination: String?
    let hasPet: Bool?
    let hasPromotion: Bool?
    let flightID: String?
    let expiresAt: Timestamp?

    /// Reads them all; a quote needs no passenger.
    init(_ fields: inout Fields, isQuote: Bool) {
        if isQuote {
            passengerName = fields.optional("passenger_name", Rules.passengerName)
            passengerAge = fields.optional("passenger_age", Rules.passengerAge)
            email = fields.optional("email", Rules.email)
        } else {
            passengerName = fields.required("passenger_name", Rules.passengerName)
            passengerAge = fields.required("passenger_age", Rules.passengerAge)
            email = fields.required("email", Rules.email)
        }
        destination = fields.required("destination", Rules.destination)
        let hasPet = fields.optional("has_pet", Rules.flag)
        self.hasPet = hasPet ?? (fields.isValid("has_pet") ? false : nil)
        let hasPromotion = fields.optional("has_promotion", Rules.flag)
        self.hasPromotion = hasPromotion ?? (fields.isValid("has_promotion") ? false : nil)
        flightID = fields.optional("flight_id", Rules.flightID)
        expiresAt = fields.optional("expires_at", Rules.time)
    }

    init(_ request: BookingRequest) {
        passengerName = request.passengerName
        passengerAge = request.passengerAge
        email = request.email
        destination = request.destination
        hasPet = request.hasPet
        hasPromotion = request.hasPromotion
        flightID = request.flightID
        expiresAt = request.expiresAt
    }

    /// The request these make; nil when a required one is missing.
    func request(_ requestID: String) -> BookingRequest? {
        guard let passengerName, let passengerAge, let email, let destination, let hasPet, let hasPromotion else {
            return nil
        }
        return BookingRequest(
            requestID: requestID, passengerName: passengerName, passengerAge: passengerAge, email: email,
            destination: destination, hasPet: hasPet, hasPromotion: hasPromotion, flightID: flightID,
            expiresAt: expiresAt)
    }

    /// The stable hash of them; those in `invalid` count with what stands in `object`.
    func hash(invalid: Set<String>, in object: JSON.Object?) -> Int64 {
        var hash = ContentHash()
        func add(_ field: String, _ text: String?) {
            if invalid.contains(field) {
                hash.add(invalid: object?[field]?.canonical)
            } else {
                hash.add(text)
            }
        }
        add("passenger_name", passengerName)
        add("passenger_age", passengerAge.map(String.init))
        add("email", email?.lowercased())
        add("destination", destination)
        add("has_pet", hasPet.map(String.init))
        add("has_promotion", hasPromotion.map(String.init))
        add("flight_id", flightID)
        add("expires_at", expiresAt.map { String($0.milliseconds) })
        return hash.value
    }
}
