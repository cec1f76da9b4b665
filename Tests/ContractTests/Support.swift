import Contract
import Testing

/// The bytes of a JSON text.
func body(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The JSON text a value becomes.
func json<T: Encodable>(_ value: T) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

/// A booking.request that keeps every rule, with some members replaced by raw JSON, or left out where nil is given.
func requestBody(_ replaced: [String: String?] = [:]) -> [UInt8] {
    var members: [String: String] = [
        "request_id": #""r-1""#, "passenger_name": #""Juan Pérez""#, "passenger_age": "9",
        "email": #""juan@example.com""#, "destination": #""San Andrés""#,
    ]
    for (name, raw) in replaced { members[name] = raw }
    let text = members.sorted { $0.key < $1.key }.map { #""\#($0.key)": \#($0.value)"# }.joined(separator: ", ")
    return body("{\(text)}")
}

/// The request of a body that must be valid.
func validRequest(_ replaced: [String: String?] = [:]) throws -> BookingRequest {
    switch try BookingRequest.read(requestBody(replaced)) {
    case .valid(let request): return request
    case .invalid(let invalid):
        Issue.record("unexpected problems: \(invalid.problems)")
        throw Unreadable(.unexpectedFields, "invalid")
    }
}

/// The request of a body that must break a rule and be answerable.
func invalidRequest(_ replaced: [String: String?] = [:]) throws -> InvalidRequest {
    switch try BookingRequest.read(requestBody(replaced)) {
    case .invalid(let invalid): return invalid
    case .valid:
        Issue.record("unexpectedly valid: \(replaced)")
        throw Unreadable(.unexpectedFields, "valid")
    }
}

/// Why a body is unreadable; nil when it is not.
func reason(_ body: [UInt8]) -> Unreadable.Reason? {
    do {
        _ = try JSON.object(body)
        return nil
    } catch {
        return error.reason
    }
}

/// The fields with problems of what `read` throws; nil when it throws nothing, empty when the body is unreadable.
func problems<T>(_ read: () throws(CommandError) -> T) -> [String]? {
    do {
        _ = try read()
        return nil
    } catch {
        switch error {
        case .invalid(let problems): return problems.map(\.field)
        case .unreadable: return []
        }
    }
}

/// A generator of the same numbers in every run (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
