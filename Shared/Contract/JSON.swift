/// JSON in and out: RFC 8259 to the letter, and nothing that is not a JSON object in UTF-8 gets in.
///
/// Written here and not left to Foundation for three reasons: `JSONDecoder` guesses UTF-16 and UTF-32, accepts
/// trailing commas and refuses deep nesting in fields nobody reads; a request must tell `9` from `true` and name
/// every wrong field in one pass; and JSON is most of the work a message costs, which this does in a third of the time.
public enum JSON {
    /// The bytes of `value`, the same for the same value in every process.
    ///
    /// Members come in the order their type encodes them (for ours the contract's), those of a dictionary in the
    /// order of their keys; there is no white space, and only what JSON demands is escaped. An encodable that throws is
    /// a mistake in the program; none of ours does.
    public static func encode<T: Encodable>(_ value: T) -> [UInt8] {
        let writer = JSONWriter()
        do {
            try writer.write(value)
        } catch {
            preconditionFailure("\(T.self) does not encode: \(error)")
        }
        return writer.buffer.bytes
    }

    /// Reads a whole body as a `T`, for what was written by ``encode(_:)``: events, replies and answers.
    ///
    /// Unknown fields are ignored; of a name that occurs twice the last counts. Throws what ``object(_:)`` throws,
    /// and ``Unreadable/Reason/unexpectedFields`` when a field is missing or of another type.
    /// - Parameter limit: the most bytes; that of messages unless said otherwise.
    public static func decode<T: Decodable>(
        _ type: T.Type, from body: [UInt8], limit: Int = Contract.maximumBodySize
    ) throws(Unreadable) -> T {
        try decodeAny(type, from: body, limit: limit)
    }

    /// ``decode(_:from:limit:)`` under a name without overloads.
    static func decodeAny<T: Decodable>(
        _ type: T.Type, from body: [UInt8], limit: Int = Contract.maximumBodySize
    ) throws(Unreadable) -> T {
        let object = try object(body, limit: limit)
        do {
            return try T(from: JSONDecoding(object: object))
        } catch {
            throw Unreadable(.unexpectedFields, "\(error)")
        }
    }

    /// The members of a body that passes every check all messages share.
    ///
    /// Throws for more than `limit` bytes, for what is not UTF-8 (a byte order mark is refused too), and for what is not
    /// one JSON object with at most white space around it.
    /// - Parameters:
    ///   - body: the text.
    ///   - limit: the most bytes; that of messages unless said otherwise.
    public static func object(
        _ body: [UInt8], limit: Int = Contract.maximumBodySize
    ) throws(Unreadable) -> Object {
        guard body.count <= limit else {
            throw Unreadable(.tooLarge, "\(body.count) bytes, \(limit) are allowed")
        }
        // Bytes above 127 can only stand in strings, so a body of pure ASCII needs no second look.
        guard body.allSatisfy({ $0 < 0x80 }) || String(validating: body, as: UTF8.self) != nil else {
            throw Unreadable(.notUTF8, "the body is not valid UTF-8")
        }
        var scanner = JSONScanner(body)
        do {
            return try scanner.wholeObject()
        } catch {
            throw Unreadable(.notJSONObject, "\(error)")
        }
    }
}
