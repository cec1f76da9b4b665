/// Strings for one call of a C function, all in one buffer.
struct CStrings {
    private var bytes: [UInt8] = []
    /// Where each string starts; `nil` is a null pointer.
    private var starts: [Int?] = []

    init() {}

    init(_ strings: [String?]) {
        for string in strings { append(string) }
    }

    /// How many strings there are.
    var count: Int { starts.count }

    mutating func append(_ string: String?) {
        guard let string else { return starts.append(nil) }
        begin()
        appendBytes(string)
        end()
    }

    /// Begins a string that `appendBytes` and `append(byte:)` fill, until `end`.
    mutating func begin() { starts.append(bytes.count) }

    mutating func appendBytes(_ string: String) { bytes.append(contentsOf: string.utf8) }

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func end() { bytes.append(0) }

    /// Calls `body` with the array of pointers, which is valid only during the call.
    func withPointers<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress
            let pointers = unsafe starts.map { start in
                unsafe start.flatMap { unsafe base?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }
}
