import CCurl
import Contract
import ServerURL

/// RabbitMQ's management API, for reading what AMQP can't tell: arguments, bindings, policies, members, alarms.
///
/// Each call blocks its thread, for 20 s at most. Not Sendable.
@safe public final class BrokerAPI {
    /// Why there is no answer.
    public struct Failure: Error, CustomStringConvertible {
        /// For people; never a password.
        public let description: String
    }

    private let handle: UnsafeMutableRawPointer
    private let failureText: UnsafeMutablePointer<CChar>
    private let answer = Answer()
    private let base: String

    private static let connectSeconds = 5
    private static let totalSeconds = 20
    private static let largestAnswer = 64 << 20

    /// Where libcurl's callback puts what arrives.
    private final class Answer {
        var bytes: [UInt8] = []
    }

    /// Does not connect yet.
    /// - Parameters:
    ///   - url: scheme, host, port and, where the API is not at the root, a path; its login counts before `user`.
    ///   - user: who reads; `guest` where there is none.
    ///   - password: of the user.
    ///   - authorities: a file of certificate authorities to trust; `nil` for those of the system.
    ///   - certificate: a file with a certificate of ours, for an API that wants one.
    ///   - key: a file with its private key.
    /// - Throws: ``Failure`` if libcurl can't be set up.
    public init(
        _ url: ServerURL, user: String, password: String, authorities: String? = nil, certificate: String? = nil,
        key: String? = nil
    ) throws(Failure) {
        guard let opened = unsafe curl_easy_init() else { throw Failure(description: "libcurl can't be set up") }
        unsafe handle = opened
        unsafe failureText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe failureText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        let path = url.path.isEmpty || url.path.hasSuffix("/") ? url.path : url.path + "/"
        base = "\(url.scheme)://\(host):\(url.port ?? (url.scheme == "https" ? 15_671 : 15_672))/\(path)api/"
        try listen()
        // None of the environment's: brokers are near.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        try set(CURLOPT_TIMEOUT, Self.totalSeconds)
        try set(CURLOPT_USERNAME, url.user ?? user)
        try set(CURLOPT_PASSWORD, url.user == nil ? password : url.password ?? "")
        if let authorities { try set(CURLOPT_CAINFO, authorities) }
        if let certificate { try set(CURLOPT_SSLCERT, certificate) }
        if let key { try set(CURLOPT_SSLKEY, key) }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe failureText.deallocate()
    }

    /// The address of a resource, whose names are escaped.
    public func address(_ path: String...) -> String { base + path.map(Self.escaped).joined(separator: "/") }

    /// Reads a list.
    /// - Parameter path: the resource below `/api`, part by part.
    /// - Returns: its elements, or `nil` where there is no such resource.
    /// - Throws: ``Failure`` where the broker can't be reached, refuses, or answers something else.
    public func list(_ path: String...) throws(Failure) -> [JSON.Object]? {
        guard let bytes = try read(base + path.map(Self.escaped).joined(separator: "/")) else { return nil }
        let wrapped = Array(#"{"list":"#.utf8) + bytes + [UInt8(ascii: "}")]
        guard let list = try? JSON.object(wrapped, limit: Self.largestAnswer)["list"]?.array else {
            throw Failure(description: "\(base) does not answer as RabbitMQ's management API does")
        }
        return list.compactMap(\.object)
    }

    private func read(_ address: String) throws(Failure) -> [UInt8]? {
        answer.bytes = []
        unsafe failureText[0] = 0
        try set(CURLOPT_URL, address)
        let code = unsafe curl_easy_perform(handle)
        guard code == CURLE_OK else {
            let text = unsafe String(cString: failureText)
            let reason = text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text
            let isUntrusted = code == CURLE_PEER_FAILED_VERIFICATION
            throw Failure(description: "can't reach \(base): \(reason)\(isUntrusted ? " (TLS_CA_FILE)" : "")")
        }
        switch unsafe caramelo_curl_status(handle) {
        case 200: return answer.bytes
        case 404: return nil
        case 401:
            throw Failure(description: "\(base): refused login (the user needs the tag monitoring or administrator)")
        case 403: throw Failure(description: "\(base): the user may not read \(address.dropFirst(base.count))")
        case let status: throw Failure(description: "\(address): HTTP status \(status)")
        }
    }

    private func listen() throws(Failure) {
        let context = unsafe Unmanaged.passUnretained(answer).toOpaque()
        try expect(unsafe caramelo_curl_set_error_buffer(handle, failureText))
        try expect(
            unsafe caramelo_curl_set_writer(
                handle,
                { bytes, size, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let answer = unsafe Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
                    guard answer.bytes.count + size * count <= BrokerAPI.largestAnswer else { return 0 }
                    unsafe answer.bytes += UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return size * count
                }, context))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(Failure) {
        try expect(unsafe caramelo_curl_set_number(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(Failure) {
        try expect(unsafe caramelo_curl_set_text(handle, option, value))
    }

    private func expect(_ code: CURLcode) throws(Failure) {
        guard code == CURLE_OK else {
            throw Failure(description: "a setting of libcurl: \(unsafe String(cString: curl_easy_strerror(code)))")
        }
    }

    /// A name as one part of a path (RFC 3986): all but unreserved characters percent-encoded.
    private static func escaped(_ name: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return name.utf8.reduce(into: "") { text, byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            text += isPlain ? String(character) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
}
