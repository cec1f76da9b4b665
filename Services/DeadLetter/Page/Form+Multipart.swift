extension Form {
    /// Reads a form with files, `multipart/form-data`: of each part the name of its field, and its content as text.
    /// - Parameter type: the header `Content-Type`; `nil` where it names no other kind of form than the usual one.
    init?(_ body: [UInt8], multipart type: String) {
        guard type.hasPrefix("multipart/form-data"), let mark = type.firstRange(of: "boundary=") else { return nil }
        let boundary = Array("--".utf8) + Array(type[mark.upperBound...].filter { $0 != "\"" }.utf8)
        self = [:]
        let end = Array("\r\n\r\n".utf8)
        // Parts begin and end with line breaks, which are part of the boundaries between them.
        for part in (Array("\r\n".utf8) + body).split(separator: Array("\r\n".utf8) + boundary) {
            guard let gap = part.firstRange(of: end) else { continue }
            let head = String(decoding: part[..<gap.lowerBound], as: UTF8.self)
            guard let name = head.firstRange(of: " name=\"") else { continue }
            add(
                String(head[name.upperBound...].prefix { $0 != "\"" }),
                String(decoding: part[gap.upperBound...], as: UTF8.self))
        }
    }
}
