import Contract

/// FNV-1a with 128 bits over a sequence of fields: the same in every process and version.
///
/// The ids of rows without a `request_id` are made of it. Whoever imports a file again after an update must get the
/// same ids, or everything is booked twice: how it is computed may never change.
struct ImportHash: Hashable, Sendable {
    private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Adds a field: its length in UTF-8 as eight bytes, the lowest first, and its text; one byte 255 when absent.
    mutating func add(_ text: String?) {
        guard let text else { return mix(255) }
        add(text.utf8.count)
        for byte in text.utf8 { mix(byte) }
    }

    /// Adds a number as eight bytes, the lowest first.
    mutating func add(_ number: Int) {
        for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func mix(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }

    /// 32 hexadecimal digits.
    var digits: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension BookingRequest {
    /// The hash of everything but the request_id, as the services compare it: normalised, the address in lower case.
    ///
    /// So a file keeps its ids when its columns change places, or when it becomes JSON lines.
    /// - Parameter batch: told apart from the same rows in another batch.
    func importHash(batch: String) -> ImportHash {
        var hash = ImportHash()
        hash.add(batch)
        hash.add(passengerName)
        hash.add(passengerAge)
        hash.add(email.lowercased())
        hash.add(destination)
        hash.add(hasPet ? 1 : 0)
        hash.add(hasPromotion ? 1 : 0)
        hash.add(flightID)
        hash.add(expiresAt.map { String($0.milliseconds) })
        return hash
    }

    /// The same request under an id.
    func named(_ requestID: String) -> BookingRequest {
        BookingRequest(
            requestID: requestID, passengerName: passengerName, passengerAge: passengerAge, email: email,
            destination: destination, hasPet: hasPet, hasPromotion: hasPromotion, flightID: flightID,
            expiresAt: expiresAt)
    }
}
