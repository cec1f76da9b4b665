import CCurl

/// What libcurl's callbacks work on: the mail on its way, and the dialogue.
final class SMTPTransfer {
    private(set) var dialogue = SMTPDialogue()
    private var rest: ArraySlice<UInt8> = []

    func start(_ mail: [UInt8]) {
        rest = mail[...]
        dialogue.start()
    }

    /// Hands over the next part of the mail.
    func read(into space: UnsafeMutableRawBufferPointer) -> Int {
        let part = rest.prefix(space.count)
        unsafe space.copyBytes(from: part)
        rest = rest.dropFirst(part.count)
        return part.count
    }

    /// Notes what was said.
    func note(_ said: UnsafeRawBufferPointer, _ kind: curl_infotype) {
        switch kind {
        case CURLINFO_HEADER_OUT: dialogue.sent(unsafe String(decoding: said, as: UTF8.self))
        case CURLINFO_HEADER_IN: dialogue.received(unsafe String(decoding: said, as: UTF8.self))
        case CURLINFO_DATA_OUT: dialogue.sentContent()
        default: break
        }
    }
}
