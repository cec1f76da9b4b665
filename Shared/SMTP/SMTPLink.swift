import CCurl

/// libcurl's handle of one server: it keeps the connection between two mails, and opens another when that is gone.
///
/// Not Sendable, so that it stays with its actor and the actor's thread.
@safe final class SMTPLink {
    private let handle: UnsafeMutableRawPointer
    private let failureText: UnsafeMutablePointer<CChar>
    private let transfer = SMTPTransfer()

    /// libcurl must be set up once in a process.
    private static let isSetUp = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Does not connect yet.
    /// - Parameters:
    ///   - server: where to.
    ///   - connectSeconds: the limit for a connection with its TLS handshake.
    ///   - mailSeconds: the limit for a whole mail, the connection included, and for any reply.
    init(server: SMTPServer, connectSeconds: Int, mailSeconds: Int) throws(SMTPAway) {
        caramelo_curl_block_sigpipe()
        guard Self.isSetUp, let opened = unsafe curl_easy_init() else {
            throw SMTPAway("the client library can't be set up")
        }
        unsafe handle = opened
        unsafe failureText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe failureText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try listen()
        try set(CURLOPT_URL, server.url)
        // None of the environment's: it is meant for the web.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT, connectSeconds)
        try set(CURLOPT_TIMEOUT, mailSeconds)
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, mailSeconds)
        try encrypt(server)
        if let user = server.user, let password = server.password {
            try set(CURLOPT_USERNAME, user)
            try set(CURLOPT_PASSWORD, password)
            // What else libcurl knows (NTLM, Kerberos) it would try first, and fail.
            try set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        }
    }

    deinit {
        // Says QUIT, to which libcurl listens with our callbacks.
        unsafe curl_easy_cleanup(handle)
        unsafe failureText.deallocate()
    }

    /// Whether the last transfer went over a connection that was open before it.
    var wasReused: Bool { unsafe caramelo_curl_new_connections(handle) == 0 }

    /// Whether the server understands SMTPUTF8; nil before anything was said to it.
    var hasUTF8: Bool? { transfer.dialogue.hasUTF8 }

    /// Connects and logs in, where that is not done yet.
    func check() throws(SMTPAway) {
        try set(CURLOPT_UPLOAD, 0)
        try set(CURLOPT_NOBODY, 1)
        try set(CURLOPT_CUSTOMREQUEST, "NOOP")
        let code = perform([])
        guard code == CURLE_OK else {
            // As a verdict on a mail, for the text.
            _ = try transfer.dialogue.verdict(failure: failure(code), isTimeout: code == CURLE_OPERATION_TIMEDOUT)
            throw SMTPAway(failure(code))
        }
    }

    /// Sends one mail.
    /// - Throws: ``SMTPAway`` where the failure is not about the mail.
    func send(_ mail: [UInt8], from sender: MailAddress, to recipient: MailAddress) throws(SMTPAway) -> SMTPResult {
        try set(CURLOPT_NOBODY, 0)
        try set(CURLOPT_UPLOAD, 1)
        try set(CURLOPT_MAIL_FROM, sender.description)
        let recipients = unsafe curl_slist_append(nil, recipient.description)
        defer { unsafe curl_slist_free_all(recipients) }
        let codes = unsafe [
            caramelo_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients),
            caramelo_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(mail.count)),
        ]
        guard unsafe recipients != nil, codes.allSatisfy({ $0 == CURLE_OK }) else { throw SMTPAway("out of memory") }
        defer { _ = unsafe caramelo_curl_set_list(handle, CURLOPT_MAIL_RCPT, nil) }
        let code = perform(mail)
        if code == CURLE_OK { return .sent }
        return try transfer.dialogue.verdict(failure: failure(code), isTimeout: code == CURLE_OPERATION_TIMEDOUT)
    }

    private func perform(_ mail: [UInt8]) -> CURLcode {
        transfer.start(mail)
        unsafe failureText[0] = 0
        return unsafe curl_easy_perform(handle)
    }

    private func failure(_ code: CURLcode) -> String {
        let text = unsafe String(cString: failureText)
        return text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text
    }

    private func encrypt(_ server: SMTPServer) throws(SMTPAway) {
        let level =
            switch server.encryption {
            case .implicit, .required: CURLUSESSL_ALL
            case .opportunistic: CURLUSESSL_TRY
            case .never: CURLUSESSL_NONE
            }
        try set(CURLOPT_USE_SSL, Int(level.rawValue))
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let authorities = server.authorities { try set(CURLOPT_CAINFO, authorities) }
        if server.encryption == .opportunistic {
            // Who could forge a certificate could as well hide the offer of STARTTLS: to verify would only keep mail
            // from servers with a certificate of their own making.
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
    }

    private func listen() throws(SMTPAway) {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        let codes = unsafe [
            caramelo_curl_set_error_buffer(handle, failureText),
            caramelo_curl_drop_output(handle),
            caramelo_curl_set_reader(
                handle,
                { buffer, size, count, context in
                    guard let buffer = unsafe buffer, let context = unsafe context else { return 0 }
                    let space = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                    return unsafe Unmanaged<SMTPTransfer>.fromOpaque(context).takeUnretainedValue().read(into: space)
                }, context),
            caramelo_curl_set_witness(
                handle,
                { _, kind, bytes, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let said = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
                    unsafe Unmanaged<SMTPTransfer>.fromOpaque(context).takeUnretainedValue().note(said, kind)
                    return 0
                }, context),
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw SMTPAway("the client library can't be set up") }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(SMTPAway) {
        try expect(unsafe caramelo_curl_set_number(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(SMTPAway) {
        try expect(unsafe caramelo_curl_set_text(handle, option, value))
    }

    /// An option that has no effect, as of a libcurl without TLS, must not go unnoticed.
    private func expect(_ code: CURLcode) throws(SMTPAway) {
        guard code == CURLE_OK else {
            throw SMTPAway("a setting of libcurl: \(unsafe String(cString: curl_easy_strerror(code)))")
        }
    }
}
