import AMQP
import Glibc

/// Where programs that are not services find the broker.
public enum BrokerAddresses {
    /// The nodes that a command-line option names, else those of the variable `AMQP_URL`, else
    /// `amqp://guest:guest@127.0.0.1:5672/`; `TLS_CA_FILE`, `TLS_CERT_FILE` and `TLS_KEY_FILE` count for `amqps`.
    /// - Parameter option: the value of `--url`, where it was given.
    /// - Throws: ``ClientError/wrongAddress(_:_:)``, naming the option or the variable.
    public static func find(option: String? = nil) throws(ClientError) -> [AMQPAddress] {
        let files = try tlsFiles()
        do {
            return try AMQPAddress.list(
                option ?? variable("AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/", files: files)
        } catch {
            throw .wrongAddress(option == nil ? "AMQP_URL" : "--url", "\(error)")
        }
    }

    private static func tlsFiles() throws(ClientError) -> TLSFiles {
        do { return try TLSFiles(variable) } catch { throw .wrongAddress(error.variable, error.problem) }
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
