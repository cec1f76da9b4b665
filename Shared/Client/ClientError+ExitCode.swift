extension ClientError {
    /// The exit status of a program that ends with it, by sysexits.h where that has one: 78 for a wrong setting, 64 for
    /// a wrong option, 69 for a broker or service that is not there, 2 for no answer.
    public var exitCode: Int32 {
        switch self {
        case .wrongAddress(let source, _): source.hasPrefix("--") ? 64 : 78
        case .unreachable, .refused, .blocked, .nobodyServes: 69
        case .noAnswer, .unsendable, .unreadable, .overflow, .closed: 2
        }
    }
}
